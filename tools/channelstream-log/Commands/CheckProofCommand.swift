import ArgumentParser
import EventLog
import RawJSON
import SystemPackage

/// `check-proof`: whether a receipt is good.
struct CheckProofCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-proof",
        abstract: "Checks a proof that `prove` or a hub made, without the log.",
        discussion: """
            Status 0: the log that has this key held the line at the size in the checkpoint; the line is printed with it. Or, \
            for a proof of consistency: it still began as the older checkpoint said. Status 1: the parts do not belong \
            together. Status 6: a checkpoint is not signed by this key.

            EXAMPLES
              channelstream-log check-proof 1200.proof --key hub.pub
              channelstream-log check-proof 1200.proof --key hub.pub | jq .event.content
              channelstream-log check-proof bare.proof --line 1200.json --key hub.pub
              channelstream-log check-proof growth.proof --old monday.checkpoint --key hub.pub
            """
    )

    @Argument(help: "The proof.", completion: .file())
    var proof: String

    @Option(
        name: .long,
        help: "A file with the line, whole or redacted; without it, the line that the receipt carries.",
        completion: .file()
    )
    var line: String?

    @Option(name: .long, help: "For a proof of consistency: the older checkpoint, as it was kept.", completion: .file())
    var old: String?

    @Option(name: .long, help: "The log's verifier key, or a file that holds it. May be repeated.")
    var key: [String]

    @Option(name: .long, help: "The log's origin; without it, the name of the first key.")
    var origin: String?

    func run() throws {
        let keys = try self.key.map { try TrustedFiles.key($0) }
        guard let first = keys.first else { throw ToolFailure(.usage, "give the log's key with --key") }
        let origin = self.origin ?? first.identity.name
        let text = try TextFile.read(FilePath(self.proof), limit: LogProof.sizeLimit)
        do {
            let isGrowth = ConsistencyProof.isOpening(text)
            try OutputBuffer.print(isGrowth ? self.growth(text, keys, origin) : self.inclusion(text, keys, origin))
        } catch let error as CheckpointError {
            throw ToolFailure(error)
        }
    }

    private func inclusion(_ text: [UInt8], _ keys: [VerifierKey], _ origin: String) throws -> [UInt8] {
        let proof = try LogProof(parsing: text)
        guard let line = try self.lineFromFile() ?? proof.extra else {
            throw ToolFailure(.usage, "the receipt does not carry its line; give it with --line")
        }
        let checkpoint = try proof.verify(line: line, with: keys, origin: origin)
        return JSONWriter.line { writer in
            writer.member("line", proof.index + 1)
            Self.write(checkpoint, into: &writer)
            writer.key("event")
            // Whoever has the key may have signed what is no JSON.
            if let json = try? RawJSON(validating: line) { writer.value(json) } else { writer.null() }
        }
    }

    private func lineFromFile() throws -> [UInt8]? {
        guard let path = self.line else { return nil }
        var line = try TextFile.read(FilePath(path), limit: LogProof.sizeLimit)
        if line.last == UInt8(ascii: "\n") { line.removeLast() }
        return line
    }

    private func growth(_ text: [UInt8], _ keys: [VerifierKey], _ origin: String) throws -> [UInt8] {
        let proof = try ConsistencyProof(parsing: text)
        var old: CheckpointBody?
        if let path = self.old {
            let note = try TextFile.read(FilePath(path), limit: SignedNote.sizeLimit)
            old = try Checkpoint(verifying: note, with: keys, origin: origin).body
        } else if proof.oldSize > 0 {
            throw ToolFailure(.usage, "a proof of consistency needs the older checkpoint; give it with --old")
        }
        let checkpoint = try proof.verify(old: old, with: keys, origin: origin)
        return JSONWriter.line { writer in
            writer.member("old_size", proof.oldSize)
            Self.write(checkpoint, into: &writer)
        }
    }

    private static func write(_ checkpoint: Checkpoint, into writer: inout JSONWriter) {
        writer.member("origin", checkpoint.body.origin)
        writer.member("size", checkpoint.body.size)
        writer.member("root", "\(checkpoint.body.root)")
    }
}
