import EventLog
import Foundation
import LogValues
import TestSupport
import Testing

/// Go's `golang.org/x/mod/sumdb`, which shares no line with this implementation, judges what this one makes.
@Suite(
    "Notes and proofs before a verifier that is not ours",
    .enabled(if: ForeignVerifier.isAvailable, "tools/interop/verify-note says what to install")
)
struct ForeignVerifierTests {
    private static let origin = "hub.example/log"

    /// A log with content, its key, and the receipt for one of its lines.
    private struct Sample {
        let key: NodeKey
        let tree: HashTree
        let lines: [String]

        init() throws {
            let fileSystem = FaultyFileSystem()
            let log = try TestLog(fileSystem)
            for number in 0..<60 { log.commit(TestLog.batch((0..<5).map { "message \(number * 5 + $0)" })) }
            log.close()
            self.lines = try TestLog.lines(fileSystem)
            self.tree = try HashTree(in: TestLog.directory, .readAndWrite, fileSystem: fileSystem)
            try self.tree.catchUp()
            var generator = SystemRandomNumberGenerator()
            self.key = try NodeKey(origin: ForeignVerifierTests.origin, generator: &generator)
        }

        func checkpoint(_ size: UInt64) throws -> SignedNote {
            self.key.sign(size: size, root: try self.tree.root(ofFirst: size))
        }

        func receipt(_ line: UInt64) throws -> LogProof {
            LogProof(
                index: line - 1,
                hashes: try self.tree.inclusionProof(of: SequenceNumber(line), inFirst: self.tree.size),
                checkpoint: try self.checkpoint(self.tree.size)
            )
        }

        func redacted(_ line: UInt64) throws -> [UInt8] {
            var redacted: [UInt8] = []
            try Redaction.redact(self.lines[Int(line) - 1].utf8Span.span, into: &redacted)
            return redacted
        }
    }

    /// Whether the lowest bits of this character stand for nothing: Go reads base64 less strictly than this implementation.
    private static func isSpare(_ index: Int, in text: [UInt8]) -> Bool {
        index + 1 < text.count && text[index + 1] == UInt8(ascii: "=")
    }

    @Test("accepts our checkpoints, and refuses them with a byte altered", arguments: [0, 1, 256, 300] as [UInt64])
    func checkpoints(size: UInt64) throws {
        let sample = try Sample()
        let note = try sample.checkpoint(size).bytes
        let vkey = sample.key.verifierKey.text
        #expect(try ForeignVerifier.accepts("checkpoint", vkey, note))
        for index in stride(from: 0, to: note.count, by: 11) where !Self.isSpare(index, in: note) {
            var altered = note
            altered[index] ^= 1
            #expect(try !ForeignVerifier.accepts("checkpoint", vkey, altered), "byte \(index)")
        }
        let other = try NodeKey(origin: Self.origin, seed: Array(repeating: 1, count: 32)).verifierKey.text
        #expect(try !ForeignVerifier.accepts("checkpoint", other, note))
    }

    @Test("accepts our receipts, and refuses them with a byte altered", arguments: [1, 255, 256, 300] as [UInt64])
    func receipts(line: UInt64) throws {
        let sample = try Sample()
        let (receipt, leaf) = (try sample.receipt(line), try sample.redacted(line))
        let vkey = sample.key.verifierKey.text
        #expect(try ForeignVerifier.accepts("inclusion", vkey, receipt.bytes, leaf))
        #expect(throws: Never.self) {
            try receipt.verify(line: leaf, with: [sample.key.verifierKey], origin: Self.origin)
        }
        for index in stride(from: 0, to: receipt.bytes.count, by: 43) where !Self.isSpare(index, in: receipt.bytes) {
            var altered = receipt.bytes
            altered[index] ^= 1
            #expect(try !ForeignVerifier.accepts("inclusion", vkey, altered, leaf), "byte \(index)")
        }
        var altered = leaf
        altered[leaf.count / 2] ^= 1
        #expect(try !ForeignVerifier.accepts("inclusion", vkey, receipt.bytes, altered))
    }

    @Test("accepts that our log grew, and refuses another past", arguments: [1, 100, 256, 299] as [UInt64])
    func consistency(size: UInt64) throws {
        let sample = try Sample()
        let vkey = sample.key.verifierKey.text
        let proof = Array(
            try sample.tree.consistencyProof(from: size, to: 300).map { $0.base64 + "\n" }.joined().utf8
        )
        let (old, new) = (try sample.checkpoint(size).bytes, try sample.checkpoint(300).bytes)
        #expect(try ForeignVerifier.accepts("consistency", vkey, old, new, proof))
        let rewritten = sample.key.sign(size: size, root: .leaf("another past")).bytes
        #expect(try !ForeignVerifier.accepts("consistency", vkey, rewritten, new, proof))
        var altered = proof
        altered[3] ^= 1
        #expect(try !ForeignVerifier.accepts("consistency", vkey, old, new, altered))
    }
}

/// Runs `tools/interop/verify-note`.
private enum ForeignVerifier {
    private static let script = Fixtures.folder.appending(path: "../../../tools/interop/verify-note").standardized

    static let isAvailable = (try? ForeignVerifier.run(["--available"])) == 0

    /// Whether the verifier accepts; `files` are what the arguments after the key are to hold.
    static func accepts(_ command: String, _ key: String, _ files: [UInt8]...) throws -> Bool {
        let folder = FileManager.default.temporaryDirectory.appending(path: "verify-note-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let paths = try files.enumerated().map { index, bytes in
            let file = folder.appending(path: String(index))
            try Data(bytes).write(to: file)
            return file.path()
        }
        let status = try self.run([command, key] + paths)
        try #require(status == 0 || status == 1, "neither accepted nor refused, but status \(status)")
        return status == 0
    }

    private static func run(_ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = self.script
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
