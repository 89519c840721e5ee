import ArgumentParser
import EventLog
import RawJSON
import SystemPackage

/// `check-proof`: whether a receipt is good.
struct CheckProofCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-proof",
        abstract: "Checks a proof that `prove` made, without the log.",
        discussion: """
            Status 0: the log that has this key held this line at the size in the checkpoint. Status 1: the proof, the line \
            and the checkpoint do not belong together. Status 6: the checkpoint is not signed by this key.

            EXAMPLES
              channelstream-log check-proof 1200.proof --line 1200.json --key hub.pub
            """
    )

    @Argument(help: "The proof.", completion: .file())
    var proof: String

    @Option(name: .long, help: "A file with the line, whole or erased.", completion: .file())
    var line: String

    @Option(name: .long, help: "The log's verifier key, or a file that holds it. May be repeated.")
    var key: [String]

    @Option(name: .long, help: "The log's origin; without it, the name of the first key.")
    var origin: String?

    func run() throws {
        let keys = try self.key.map { try TrustedFiles.key($0) }
        guard let first = keys.first else { throw ToolFailure(.usage, "give the log's key with --key") }
        var line = try TextFile.read(FilePath(self.line))
        if line.last == UInt8(ascii: "\n") { line.removeLast() }
        let text = try TextFile.read(FilePath(self.proof))
        let output = OutputBuffer()
        do {
            let proof = try LogProof(parsing: text)
            let checkpoint = try proof.verify(line: line, with: keys, origin: self.origin ?? first.identity.name)
            var writer = JSONWriter()
            writer.beginObject()
            writer.key("line")
            writer.integer(proof.index + 1)
            writer.key("origin")
            writer.string(checkpoint.body.origin)
            writer.key("size")
            writer.integer(checkpoint.body.size)
            writer.key("root")
            writer.string("\(checkpoint.body.root)")
            writer.endObject()
            try output.append(writer.bytes + [UInt8(ascii: "\n")])
        } catch let error as CheckpointError {
            throw Self.failure(error)
        }
        try output.flush()
    }

    private static func failure(_ error: CheckpointError) -> ToolFailure {
        switch error {
        case .wrongSignature, .noKnownSignature, .notSignedByLog, .otherOrigin: ToolFailure(.signature, "\(error)")
        default: ToolFailure(.negative, "\(error)")
        }
    }
}
