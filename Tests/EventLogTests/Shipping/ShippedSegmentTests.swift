import LogValues
import RawJSON
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("Segments that come in from another node")
struct ShippedSegmentTests {
    /// A disk whose log has one segment of several commits, some of two lines, and the tree of all lines.
    private static func source() throws -> (bytes: [UInt8], lines: [String], tree: Frontier) {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk)
        for number in 0..<20 { log.commit(TestLog.batch("a\(number)", "b\(number)")) }
        log.commit(TestLog.batch(TestLog.noise(600_000, seed: 1), isPlain: true))
        log.close()
        let bytes = try #require(disk.disk[TestLog.path(ofSegment: 1)])
        return (bytes, try TestLog.lines(disk), try #require(log.commits.last).frontier)
    }

    /// Everything that is there now.
    private static func read(_ segment: inout ShippedSegment) throws -> [String] {
        var lines: [String] = []
        while try segment.advance() {
            segment.withLine { line, _, _ in lines.append(String(decoding: line.bytes, as: UTF8.self)) }
        }
        return lines
    }

    private static func append(_ bytes: some Sequence<UInt8>, to segment: inout ShippedSegment) throws {
        try segment.append(Array(bytes).span)
    }

    /// Begins, or goes on with, a transfer that ends again at once.
    private static func receive(_ bytes: some Sequence<UInt8>, on disk: FaultyFileSystem) throws {
        var segment = try Self.open(on: disk)
        try Self.append(bytes, to: &segment)
    }

    private static func disk() throws -> FaultyFileSystem {
        let disk = FaultyFileSystem()
        _ = try disk.createDirectory(TestLog.directory)
        return disk
    }

    private static func open(
        _ name: SegmentName = SegmentName(base: .first),
        on disk: FaultyFileSystem
    ) throws -> ShippedSegment {
        try ShippedSegment(name, in: TestLog.directory, fileSystem: disk)
    }

    @Test("bytes in portions of any size give the lines and the tree of the segment", arguments: [1, 7, 100, 65_536])
    func portions(size: Int) throws {
        let source = try Self.source()
        var segment = try Self.open(on: Self.disk())
        var lines: [String] = []
        // Reading after each byte of the large commit would take minutes, and show nothing new.
        let bytes = size < 100 ? source.bytes.prefix(3000) : source.bytes[...]
        for start in stride(from: 0, to: bytes.count, by: size) {
            try Self.append(bytes.dropFirst(start).prefix(size), to: &segment)
            lines += try Self.read(&segment)
        }
        #expect(lines == Array(source.lines.prefix(lines.count)))
        #expect(segment.size == UInt64(bytes.count))
        if size >= 100 {
            #expect(lines.count == source.lines.count)
            #expect(segment.tree == source.tree)
        } else {
            #expect(lines.count == 40)
        }
    }

    @Test("a transfer goes on at the byte where it ended")
    func goesOn() throws {
        let source = try Self.source()
        let disk = try Self.disk()
        let half = source.bytes.count / 2
        try Self.receive(source.bytes.prefix(half), on: disk)
        var segment = try Self.open(on: disk)
        #expect(segment.size == UInt64(half))
        try Self.append(source.bytes.dropFirst(half), to: &segment)
        #expect(try Self.read(&segment) == source.lines)
        #expect(segment.tree == source.tree)
    }

    @Test("what came in of another segment, or of none, is dropped")
    func dropsOthers() throws {
        let disk = try Self.disk()
        try Self.receive(Self.source().bytes, on: disk)
        #expect(try Self.open(SegmentName(base: SequenceNumber(42)), on: disk).size == 0)
        try Self.receive([1, 2, 3, 4, 5, 6, 7, 8], on: disk)
        #expect(try Self.open(on: disk).size == 0)
    }

    @Test("a byte that differs is an error, after which the transfer can be begun anew")
    func damage() throws {
        let source = try Self.source()
        var bytes = source.bytes
        bytes[bytes.count / 2] ^= 1
        var segment = try Self.open(on: Self.disk())
        try Self.append(bytes, to: &segment)
        #expect(throws: EventLogError.self) { try Self.read(&segment) }
        try segment.restart()
        try Self.append(source.bytes, to: &segment)
        #expect(try Self.read(&segment) == source.lines)
    }
}
