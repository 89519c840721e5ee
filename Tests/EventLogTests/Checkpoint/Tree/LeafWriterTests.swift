import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("Leaf hashes that are written with the lines")
struct LeafWriterTests {
    private static let path = TestLog.directory.appending("hashes").appending("0")

    private static func configuration(
        _ durability: Durability = .always,
        _ recording: EventLogConfiguration.LeafRecording = .always
    ) -> EventLogConfiguration {
        var configuration = TestLog.configuration(segmentSizeBytes: 700, durability: durability)
        configuration.leafRecording = recording
        return configuration
    }

    /// The hashes of all lines, one behind the other.
    private static func hashes(of fileSystem: FaultyFileSystem) throws -> [UInt8] {
        var (hashes, scratch) = ([UInt8](), [UInt8]())
        try LogReader(TestLog.directory, fileSystem: fileSystem).forEachLine { line in
            let leaf = try Redaction.leafHash(of: line.bytes, scratch: &scratch)
            leaf.appendBytes(to: &hashes)
        }
        return hashes
    }

    /// Two segments and a third one, whose frame is open.
    private static func write(_ fileSystem: FaultyFileSystem, _ configuration: EventLogConfiguration) throws -> TestLog
    {
        let log = try TestLog(fileSystem, configuration)
        for number in 1...9 { log.commit(TestLog.batch("line \(number)", "and another")) }
        return log
    }

    @Test("with every commit that is synced, the hashes of its lines stand beside the log, while its frame is open")
    func whileOpen() throws {
        let fileSystem = FaultyFileSystem()
        let log = try Self.write(fileSystem, Self.configuration())
        #expect(fileSystem.disk[Self.path] == (try Self.hashes(of: fileSystem)))
        log.close()
        #expect(fileSystem.disk[Self.path] == (try Self.hashes(of: fileSystem)))
    }

    @Test(
        "where commits are not synced they come later, and all of them with the stop",
        arguments: [
            Durability.interval(.milliseconds(1)), .os,
        ]
    )
    func later(durability: Durability) throws {
        let fileSystem = FaultyFileSystem()
        let log = try Self.write(fileSystem, Self.configuration(durability))
        log.close()
        #expect(fileSystem.disk[Self.path] == (try Self.hashes(of: fileSystem)))
    }

    @Test("a start puts right what a crash left: too little, too much, or something else")
    func mended() throws {
        let fileSystem = FaultyFileSystem()
        try Self.write(fileSystem, Self.configuration()).close()
        let right = try Self.hashes(of: fileSystem)
        let last = try #require(try SegmentCatalog(TestLog.directory, fileSystem: fileSystem).segments.last).base
        var changed = right
        changed[(Int(last.rawValue) - 1) * Hash256.byteCount + 3] ^= 1
        for found in [Array(right.dropLast(40)), right + [1, 2, 3] + right, changed] {
            var disk = fileSystem.disk
            disk[Self.path] = found
            for recording in [EventLogConfiguration.LeafRecording.always, .ifThere] {
                let again = FaultyFileSystem(disk)
                // At `always` no crash leaves too much: that is a log that has lost its end.
                let durability: Durability = found.count > right.count ? .os : .always
                try TestLog(again, Self.configuration(durability, recording)).close()
                #expect(again.disk[Self.path] == right)
                #expect(again.disk.syncedSizeBytes(of: Self.path) == right.count)
            }
        }
    }

    @Test(
        "a log that began without hashes records them from its last segment on; a tree is made of the log all the same"
    )
    func fromTheMiddle() throws {
        let fileSystem = FaultyFileSystem()
        try Self.write(fileSystem, Self.configuration(.always, .ifThere)).close()
        #expect(fileSystem.disk[Self.path] == nil)
        try TestLog(fileSystem, Self.configuration()).close()
        let last = try #require(try SegmentCatalog(TestLog.directory, fileSystem: fileSystem).segments.last).base
        let leaves = RecordedLeaves(in: TestLog.directory, fileSystem: fileSystem)
        #expect(leaves.leaf(of: .first) == nil)
        #expect(leaves.leaf(of: last) != nil)
        let tree = try HashTree(in: TestLog.directory, .readAndWrite, fileSystem: fileSystem)
        try tree.catchUp()
        let end = try Self.hashes(of: fileSystem).count / Hash256.byteCount
        #expect(tree.size == UInt64(end))
        _ = try tree.inclusionProof(of: .first, inFirst: UInt64(end))
        #expect(fileSystem.disk[Self.path] == (try Self.hashes(of: fileSystem)))
    }

    @Test("a disk that refuses them stops no line; the next start writes what is missing")
    func refused() throws {
        let fileSystem = FaultyFileSystem()
        fileSystem.refuseWrites(to: Self.path)
        let log = try Self.write(fileSystem, Self.configuration())
        log.close()
        #expect(log.failures.isEmpty)
        #expect(log.commits.count == 9)
        #expect(fileSystem.openCount == 0)
        let healed = FaultyFileSystem(fileSystem.disk)
        try TestLog(healed, Self.configuration()).close()
        let last = try #require(try SegmentCatalog(TestLog.directory, fileSystem: healed).segments.last).base
        #expect(RecordedLeaves(in: TestLog.directory, fileSystem: healed).leaf(of: last) != nil)
    }

    @Test("they are read in any order, and none where the file ends or has a hole")
    func reading() throws {
        var disk = Disk()
        var bytes: [UInt8] = []
        for line in 0..<5000 {
            let byte = line == 7 ? 0 : UInt8(1 + line % 200)
            bytes += [UInt8](repeating: byte, count: 32)
        }
        disk[Self.path] = bytes + [1, 2, 3]
        let leaves = RecordedLeaves(in: TestLog.directory, fileSystem: FaultyFileSystem(disk))
        for line in [1, 2, 4999, 5000, 3, 2049, 2048] {
            let leaf = try #require(leaves.leaf(of: SequenceNumber(UInt64(line))))
            #expect(leaf.withBytes { $0[0] } == UInt8(1 + (line - 1) % 200))
        }
        for line in [8, 5001, 9000] { #expect(leaves.leaf(of: SequenceNumber(UInt64(line))) == nil) }
        #expect(!RecordedLeaves(in: "/elsewhere", fileSystem: FaultyFileSystem()).isThere)
    }
}
