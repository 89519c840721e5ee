import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("Snapshots that come in from another node")
struct ShippedSnapshotTests {
    private static let origin = "channelstream/0123456789abcdef0011223344556677"
    private static let otherOrigin = "channelstream/ffffffffffffffff0011223344556677"

    private static func key(_ seed: UInt8 = 1) throws -> NodeKey {
        try NodeKey(origin: Self.origin, seed: Array(repeating: seed, count: 32))
    }

    private static func store() throws -> (FaultyFileSystem, SnapshotStore) {
        let disk = FaultyFileSystem()
        _ = try disk.createDirectory(TestLog.directory)
        return (disk, SnapshotStore(in: TestLog.directory, fileSystem: disk))
    }

    /// A node with a snapshot, what it signs of it, and the bytes of the file.
    private static func source() throws -> (shipment: SnapshotShipment, note: SnapshotNote, bytes: [UInt8]) {
        let (disk, store) = try Self.store()
        var tree = Frontier()
        for number in 0..<12 as Range<UInt8> {
            tree.append(leaf: Hash256.leaf([number].span))
        }
        let header = SnapshotHeader(logID: "0123", madeAt: 0, frontier: tree, context: Array("{}".utf8))
        try store.write(header) { file in
            try file.write(TestLog.noise(900, seed: 1).utf8Span.span)
        }
        let shipment = SnapshotShipment(store)
        let entry = try #require(try shipment.newest())
        let note = SnapshotNote(
            origin: Self.origin,
            name: entry.name,
            sizeBytes: entry.sizeBytes,
            digest: entry.digest
        )
        return (shipment, note, try #require(disk.disk[store.path(of: entry.name)]))
    }

    private static func append(_ bytes: some Sequence<UInt8>, to transfer: ShippedSnapshot) throws {
        try transfer.append(Array(bytes).span)
    }

    @Test("parts of any size become the same file, over restarts too", arguments: [1, 100, 10_000])
    func parts(size: Int) throws {
        let source = try Self.source()
        let (disk, store) = try Self.store()
        while true {
            // Made anew each time, as after a restart.
            let transfer = ShippedSnapshot(source.note, into: store)
            let offset = try transfer.sizeBytes()
            let part = try source.shipment.bytes(of: source.note.name, from: offset, limit: UInt64(size))
            guard let part, !part.isEmpty else { break }
            try Self.append(part, to: transfer)
            #expect(try store.names().isEmpty, "nobody takes a part for a snapshot")
        }
        #expect(try ShippedSnapshot(source.note, into: store).finish())
        #expect(try store.names() == [source.note.name])
        #expect(disk.disk[store.path(of: source.note.name)] == source.bytes)
        #expect(disk.disk[TestLog.directory.appending(ShippedSnapshot.fileName)] == nil)
        #expect(disk.openCount == 0)
    }

    @Test("a file that is not the one that was signed is not taken, and the transfer can be begun anew")
    func otherFile() throws {
        let source = try Self.source()
        let (_, store) = try Self.store()
        var altered = source.bytes
        altered[altered.count / 2] ^= 1
        for bytes in [altered, Array(source.bytes.dropLast()), source.bytes + [0]] {
            let transfer = ShippedSnapshot(source.note, into: store)
            try Self.append(bytes, to: transfer)
            #expect(try !transfer.finish())
            #expect(try transfer.sizeBytes() == 0)
            #expect(try store.names().isEmpty)
        }
        let transfer = ShippedSnapshot(source.note, into: store)
        try Self.append(source.bytes, to: transfer)
        #expect(try transfer.finish())
    }

    @Test("what is signed of a snapshot reads back, and of no other log, by no other key, and with no byte altered")
    func note() throws {
        let note = try Self.source().note
        let key = try Self.key()
        let signed = note.signed(by: key).bytes
        let keys = [key.verifierKey]
        #expect(try SnapshotNote(verifying: signed, with: keys, origin: Self.origin) == note)
        #expect(throws: CheckpointError.self) {
            try SnapshotNote(verifying: signed, with: keys, origin: Self.otherOrigin)
        }
        let others = [try Self.key(2).verifierKey]
        #expect(throws: CheckpointError.self) {
            try SnapshotNote(verifying: signed, with: others, origin: Self.origin)
        }
        let text = signed.count - note.signed(by: key).text.count
        for index in 0..<(signed.count - text) {
            var altered = signed
            altered[index] ^= 1
            #expect(throws: CheckpointError.self) {
                try SnapshotNote(verifying: altered, with: keys, origin: Self.origin)
            }
        }
    }

    @Test("a checkpoint is not taken for what is signed of a snapshot, nor the other way round")
    func kinds() throws {
        let key = try Self.key()
        let checkpoint = key.sign(size: 12, root: .ofNothing).bytes
        #expect(throws: CheckpointError.self) {
            try SnapshotNote(verifying: checkpoint, with: [key.verifierKey], origin: Self.origin)
        }
        let signed = try Self.source().note.signed(by: key).bytes
        #expect(throws: CheckpointError.self) {
            try Checkpoint(verifying: signed, with: [key.verifierKey], origin: Self.origin)
        }
    }

    @Test("a copy that begins behind line 1 has the roots of the original, also after a crash at its first line")
    func beginning() throws {
        let original = try TestLog(FaultyFileSystem())
        for number in 0..<9 { original.commit(TestLog.batch("line \(number)")) }
        let beginning = original.commits[4].frontier
        original.close()
        let disk = FaultyFileSystem()
        var configuration = TestLog.configuration()
        configuration.beginning = beginning
        let empty = try TestLog(disk, configuration)
        #expect(empty.recovery.firstLine == SequenceNumber(6) && empty.recovery.end == SequenceNumber(5))
        empty.close()
        let copy = try TestLog(disk)
        #expect(copy.recovery.frontier == beginning)
        for number in 5..<9 { copy.commit(TestLog.batch("line \(number)")) }
        #expect(copy.commits.last?.first == SequenceNumber(9))
        #expect(copy.commits.last?.root == original.commits.last?.root)
        copy.close()
        try UnfinishedCopy.remove(in: TestLog.directory, fileSystem: disk)
        #expect(try TestLog(disk).recovery.isNew)
    }
}
