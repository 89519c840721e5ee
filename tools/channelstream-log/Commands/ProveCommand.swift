import ArgumentParser
import EventLog
import LogValues
import Projections
import SystemPackage

/// `prove`: a receipt for one line, or that the log only grew.
struct ProveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Makes a proof that a line is in the log, or that the log only grew, which anyone can check.",
        discussion: """
            Prints a receipt (C2SP tlog-proof): the line, the hashes from it to the root, and the newest checkpoint that the \
            log's key signed. Who has it needs nothing else but the public key. With --disclose redacted, it shows who \
            wrote when and where, but not what; with none, the line must be handed over separately.

            With --consistency, prints a proof that the log still begins as an older checkpoint said: the text that a C2SP \
            witness takes. Ends with status 1 if no signed checkpoint covers what is to be proved.

            EXAMPLES
              channelstream-log prove data/hub 1200 > 1200.proof
              channelstream-log prove data/hub 4f0c2b0e-7a8d-4c7e-9d3a-5b1e2f3a4b5c --event edit > edit.proof
              channelstream-log check-proof 1200.proof --key hub.pub
              channelstream-log prove data/hub --consistency monday.checkpoint > growth.proof
              channelstream-log check-proof growth.proof --old monday.checkpoint --key hub.pub
            """
    )

    /// How much of the line the receipt shows.
    enum Disclosure: String, CaseIterable, ExpressibleByArgument {
        case whole
        case redacted
        case none
    }

    @OptionGroup var log: LogArgument

    @Argument(help: "The line's number, or a message's uuid.")
    var line: String?

    @Option(name: .long, help: "Which event of the message: post, edit (the last), edit:2, delete or erase.")
    var event: MessageEventSelector = .post

    @Option(name: .long, help: "How much of the line the receipt shows: whole, redacted or none.")
    var disclose: Disclosure = .whole

    @Option(
        name: .long,
        help: "Prove that the log begins with an older one: a size in lines, or a file with a checkpoint.",
        completion: .file()
    )
    var consistency: String?

    @Option(name: .long, help: "The size of a signed checkpoint to lead to; without it, the newest one's.")
    var size: UInt64?

    func validate() throws {
        guard (self.line == nil) != (self.consistency == nil) else {
            throw ValidationError("give a line's number, a message's uuid, or --consistency")
        }
    }

    func run() throws {
        let directory = try self.log.resolve()
        let prover = LogProver(directory)
        let proof: [UInt8]
        if let consistency {
            proof = try Self.consistency(from: consistency, to: self.size, prover).bytes
        } else {
            let line = try self.find(in: directory)
            proof = try prover.receipt(for: line, size: self.size, showing: self.disclose).bytes
        }
        let output = OutputBuffer()
        try output.append(proof)
        try output.flush()
    }

    private static func consistency(
        from text: String,
        to size: UInt64?,
        _ prover: LogProver
    ) throws -> ConsistencyProof {
        if let old = UInt64(text) { return try prover.consistency(from: old, oldRoot: nil, to: size) }
        let kept = try TrustedFiles.checkpoint(text, NoteChecker(keys: []))
        return try prover.consistency(from: kept.size, oldRoot: kept.root, to: size)
    }

    private func find(in directory: FilePath) throws -> SequenceNumber {
        let text = self.line ?? ""
        if let number = UInt64(text), number > 0, number <= SequenceNumber.last.rawValue {
            return SequenceNumber(number)
        }
        guard let uuid = UUID128(lenient: text.utf8) else {
            throw ToolFailure(.usage, "\(text) is neither a line's number nor a uuid")
        }
        let lines = try withToolFailures { try MessageTrail.lines(of: uuid, in: directory) }
        guard !lines.isEmpty else { throw ToolFailure(.negative, "the log does not hold message \(uuid)") }
        guard let index = self.event.index(in: lines.map(\.kind)) else {
            throw ToolFailure(.negative, "message \(uuid) has no event \"\(self.event)\" in the log")
        }
        return lines[index].number
    }
}

extension MessageEventSelector: ExpressibleByArgument {
    package init?(argument: String) {
        self.init(argument)
    }
}
