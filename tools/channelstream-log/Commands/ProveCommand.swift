import ArgumentParser
import EventLog
import Projections
import SystemPackage

/// `prove`: a receipt for one line.
struct ProveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Makes a proof that a line is in the log, which anyone with the public key can check.",
        discussion: """
            Prints a C2SP tlog-proof: the hashes from the line to the root, and the newest checkpoint that the log's key \
            signed. Hand it over together with the line. Ends with status 1 if no signed checkpoint covers the line.

            EXAMPLES
              channelstream-log prove data/hub 1200 > 1200.proof
              channelstream-log cat data/hub --from 1200 --to 1200 > 1200.json
              channelstream-log check-proof 1200.proof --line 1200.json --key hub.pub
            """
    )

    @OptionGroup var log: LogArgument

    @Argument(help: "The line's number, or a message's uuid (then: its post).")
    var line: String

    func run() throws {
        let directory = try self.log.resolve()
        let line = try self.find(in: directory)
        let checkpoints = try withToolFailures { try CheckpointScan.checkpoints(in: directory) }
        guard
            let checkpoint = checkpoints.last(where: {
                $0.checkpoint.note != nil && $0.checkpoint.size >= line.rawValue
            }),
            let note = checkpoint.checkpoint.note
        else { throw ToolFailure(.negative, "no signed checkpoint covers line \(line) yet") }
        let proof: LogProof
        do {
            let tree = try HashTree(in: directory, .read)
            try tree.catchUp()
            let hashes = try tree.inclusionProof(
                of: line,
                inFirst: checkpoint.checkpoint.size,
                root: Hash256(words: checkpoint.checkpoint.root.words)
            )
            proof = LogProof(
                index: line.rawValue - 1,
                hashes: hashes,
                checkpoint: try SignedNote(parsing: Array(note.utf8))
            )
        } catch CheckpointError.log(let error) {
            throw ToolFailure(error)
        } catch {
            throw ToolFailure(.forgery, "\(error)")
        }
        let output = OutputBuffer()
        try output.append(proof.bytes)
        try output.flush()
    }

    private func find(in directory: FilePath) throws -> SequenceNumber {
        if let number = UInt64(self.line), number > 0, number <= SequenceNumber.last.rawValue {
            return SequenceNumber(number)
        }
        guard let uuid = UUID128(lenient: self.line.utf8) else {
            throw ToolFailure(.usage, "\(self.line) is neither a line's number nor a uuid")
        }
        var found: SequenceNumber?
        try withToolFailures {
            _ = try LogReader(directory).forEachLine { line in
                guard found == nil, let fields = LineFields(line.bytes), fields.type.equals("message.posted") else {
                    return
                }
                if DataFields(fields.dataAndRest).uuidValue == uuid { found = line.sequenceNumber }
            }
        }
        guard let found else { throw ToolFailure(.negative, "the log does not hold message \(uuid)") }
        return found
    }
}
