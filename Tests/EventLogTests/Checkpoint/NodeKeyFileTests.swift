import EventLog
import Foundation
import LogValues
import SystemPackage
import TestSupport
import Testing

@Suite("Node key file")
struct NodeKeyFileTests {
    private static let origin = "hub.example/log"

    /// Calls `body` with a new directory, which is removed afterwards.
    private func withDirectory(_ body: (FilePath, NodeKeyFile) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "node-key-\(UUID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: url) }
        try body(FilePath(url.path()), NodeKeyFile(in: FilePath(url.path())))
    }

    private func make(_ file: NodeKeyFile, seed: UInt64 = 1) throws -> NodeKey {
        var generator = SeededGenerator(seed: seed)
        return try file.loadOrCreate(origin: Self.origin, generator: &generator)
    }

    private func permissions(_ path: FilePath) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path.string)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    private func setPermissions(_ path: FilePath, _ permissions: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: path.string)
    }

    @Test("a key is made once, for its owner only, with the verifier key beside it")
    func make() throws {
        try self.withDirectory { directory, file in
            #expect(try file.load(origin: Self.origin) == nil)
            #expect(try file.loadPublicKey() == nil)
            let key = try self.make(file)
            #expect(try self.permissions(directory.appending("node.key")) == 0o600)
            #expect(try file.loadPublicKey() == key.verifierKey)
            // Another seed: were a new key made, it would be another one.
            let again = try self.make(file, seed: 2)
            #expect(again.verifierKey == key.verifierKey)
            let note = again.sign(size: 1, root: .ofNothing)
            #expect(throws: Never.self) {
                try Checkpoint(verifying: note, with: [key.verifierKey], origin: Self.origin)
            }
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: directory.string).sorted() == [
                    "node.key", "node.pub",
                ]
            )
        }
    }

    @Test(
        "a key that others can get at is refused",
        arguments: [0o604, 0o602, 0o601, 0o664, 0o666, 0o644, 0o777]
    )
    func exposed(permissions: Int) throws {
        try self.withDirectory { directory, file in
            _ = try self.make(file)
            let path = directory.appending("node.key")
            try self.setPermissions(path, permissions)
            #expect(throws: CheckpointError.exposedKeyFile(path, permissions: UInt16(permissions))) {
                try file.load(origin: Self.origin)
            }
            #expect(throws: CheckpointError.self) { try self.make(file, seed: 2) }
            try self.setPermissions(path, 0o400)
            #expect(try file.load(origin: Self.origin) != nil)
        }
    }

    @Test(
        "a key that a group can get at is used, and that is told: platforms give volumes to a group at every mount",
        arguments: [0o640, 0o620, 0o610, 0o660, 0o670]
    )
    func openToGroup(permissions: Int) throws {
        try self.withDirectory { directory, file in
            let key = try self.make(file)
            #expect(file.modeOpenToGroup() == nil)
            try self.setPermissions(directory.appending("node.key"), permissions)
            let again = try #require(try file.load(origin: Self.origin))
            #expect(again.verifierKey == key.verifierKey)
            let mode = try #require(file.modeOpenToGroup())
            #expect(mode == UInt16(permissions))
        }
    }

    @Test(
        "a verifier key without its key is not written over, unless that is asked for; then it is kept, and so are more"
    )
    func lostKey() throws {
        try self.withDirectory { directory, file in
            var keys = [try self.make(file).verifierKey]
            #expect(try file.earlierKeys().isEmpty)
            for seed: UInt64 in [2, 3] {
                try FileManager.default.removeItem(atPath: directory.appending("node.key").string)
                let error = CheckpointError.keyLost(directory.appending("node.pub"))
                #expect(throws: error) { try file.refuseLostKey() }
                #expect(throws: error) { try self.make(file, seed: seed) }
                let kept = try #require(try file.loadPublicKey())
                #expect(kept == keys.last)
                var generator = SeededGenerator(seed: seed)
                let key = try file.loadOrCreate(origin: Self.origin, replacingLost: true, generator: &generator)
                let shown = try #require(try file.loadPublicKey())
                #expect(shown == key.verifierKey)
                #expect(try file.earlierKeys() == keys)
                #expect(throws: Never.self) { try file.refuseLostKey() }
                keys.append(key.verifierKey)
            }
        }
    }

    @Test(
        "where the key is there, asking for a new one changes nothing: a service may be started with the same words again"
    )
    func replacesNothing() throws {
        try self.withDirectory { _, file in
            let key = try self.make(file)
            var generator = SeededGenerator(seed: 2)
            let again = try file.loadOrCreate(origin: Self.origin, replacingLost: true, generator: &generator)
            #expect(again.verifierKey == key.verifierKey)
        }
    }

    @Test("the key of another log is refused")
    func otherOrigin() throws {
        try self.withDirectory { directory, file in
            _ = try self.make(file)
            let path = directory.appending("node.key")
            #expect(throws: CheckpointError.keyOfOtherOrigin(path, expected: "else", found: Self.origin)) {
                try file.load(origin: "else")
            }
        }
    }

    @Test("a missing verifier key is written again, another one is refused")
    func publicKey() throws {
        try self.withDirectory { directory, file in
            let key = try self.make(file)
            let path = directory.appending("node.pub")
            try FileManager.default.removeItem(atPath: path.string)
            _ = try self.make(file)
            #expect(try file.loadPublicKey() == key.verifierKey)
            let other = try CheckpointVectors.nodeKey(\.log).verifierKey
            try Data("\(other.text)\n".utf8).write(to: URL(filePath: path.string))
            #expect(throws: CheckpointError.otherPublicKey(path)) { try file.load(origin: Self.origin) }
            #expect(try file.loadPublicKey() == other)
        }
    }

    @Test("a file that holds no key is refused, and not overwritten")
    func malformed() throws {
        try self.withDirectory { directory, file in
            _ = try self.make(file)
            let path = directory.appending("node.key")
            let text = try Data(contentsOf: URL(filePath: path.string))
            var altered = text
            altered[altered.count - 5] ^= 1
            for bytes in [
                Data(), text.dropLast(), text + text, altered, Data("PRIVATE+KEY+a\n".utf8), Data(count: 1 << 20),
            ] {
                try bytes.write(to: URL(filePath: path.string))
                #expect(throws: CheckpointError.malformedKeyFile(path)) { try self.make(file) }
                #expect(try Data(contentsOf: URL(filePath: path.string)) == bytes)
            }
        }
    }

    @Test("what a crash left of a key in the making is replaced, unless others could have read it")
    func leftOver() throws {
        try self.withDirectory { directory, file in
            let path = directory.appending("node.key.new")
            try Data("half".utf8).write(to: URL(filePath: path.string))
            try self.setPermissions(path, 0o644)
            #expect(throws: CheckpointError.exposedKeyFile(path, permissions: 0o644)) { try self.make(file) }
            try self.setPermissions(path, 0o600)
            let key = try self.make(file)
            #expect(try file.load(origin: Self.origin)?.verifierKey == key.verifierKey)
        }
    }

    @Test("a directory that is not there, and a key that is a directory, are told apart from a missing key")
    func systemErrors() throws {
        try self.withDirectory { directory, file in
            let nowhere = NodeKeyFile(in: directory.appending("nowhere"))
            #expect(throws: CheckpointError.keyFile(directory.appending("nowhere/node.key"), .noSuchFileOrDirectory)) {
                try self.make(nowhere)
            }
            let path = directory.appending("node.key")
            try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: false)
            #expect(throws: CheckpointError.malformedKeyFile(path)) { try self.make(file) }
        }
    }
}
