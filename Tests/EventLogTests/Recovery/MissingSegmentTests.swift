import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("A start where segments are missing, or stand at the wrong place")
struct MissingSegmentTests {
    private let configuration = TestLog.configuration(segmentSizeBytes: 600, frameSizeBytes: 200)

    /// A closed log of several segments.
    private func disk(_ configuration: EventLogConfiguration, texts: [String]) throws -> Disk {
        let fileSystem = FaultyFileSystem()
        let log = try TestLog(fileSystem, configuration)
        for text in texts { log.commit(TestLog.batch(text)) }
        log.close()
        return fileSystem.disk
    }

    private func segments(_ disk: Disk) -> [SegmentName] {
        disk.paths.compactMap(\.lastComponent).compactMap { SegmentName(fileName: $0.string) }
    }

    @Test("a segment that is missing between others is named, and nothing is changed", arguments: [1, 2, 3])
    func missing(index: Int) throws {
        var disk = try self.disk(self.configuration, texts: (1...20).map { "text \($0)" })
        let segments = self.segments(disk)
        try #require(segments.count > 4)
        let gone = segments[index]
        disk[TestLog.path(ofSegment: gone.base.rawValue)] = nil
        let expected = EventLogError.missingLines(
            first: gone.base,
            last: SequenceNumber(segments[index + 1].base.rawValue - 1),
            after: segments[index - 1]
        )
        let fileSystem = FaultyFileSystem(disk)
        #expect(throws: expected) { try TestLog(fileSystem, self.configuration) }
        #expect(
            fileSystem.disk.paths.filter { $0.lastComponent?.string != "lock" }
                == disk.paths.filter {
                    $0.lastComponent?.string != "lock"
                }
        )
        #expect(fileSystem.openCount == 0)
        // A reader says the same.
        #expect(throws: expected) { try TestLog.lines(fileSystem) }
        #expect("\(expected)".contains("\(gone)"))
    }

    @Test("a segment that was cut at the end of a frame lacks lines too")
    func cut() throws {
        var disk = try self.disk(self.configuration, texts: (1...20).map { "text \($0)" })
        let segments = self.segments(disk)
        let path = TestLog.path(ofSegment: segments[1].base.rawValue)
        let bytes = try #require(disk[path])
        // Behind the first frame of it: the second header.
        let header = FrameWidth.narrow.header
        let second = try #require((1..<bytes.count).first { bytes[$0...].starts(with: header) })
        disk[path] = Array(bytes[..<second])
        let fileSystem = FaultyFileSystem(disk)
        let error = #expect(throws: EventLogError.self) { try TestLog(fileSystem, self.configuration) }
        guard case .missingLines(_, let last, segments[1]) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(last.next == segments[2].base)
    }

    @Test("frames as long as a segment, as release 0.1.0 wrote them, are read whole to find their end")
    func longFrames() throws {
        let configuration = TestLog.configuration(segmentSizeBytes: 3 << 20, frameSizeBytes: 1 << 30)
        var disk = try self.disk(
            configuration,
            texts: (0..<40).map { TestLog.noise(250_000, seed: UInt64($0)) }
        )
        let segments = self.segments(disk)
        try #require(segments.count > 3)
        try TestLog(FaultyFileSystem(disk), configuration).close()
        disk[TestLog.path(ofSegment: segments[1].base.rawValue)] = nil
        let error = #expect(throws: EventLogError.self) { try TestLog(FaultyFileSystem(disk), configuration) }
        guard case .missingLines(segments[1].base, _, segments[0]) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("damage in an older segment is left to who reads its lines")
    func damage() throws {
        var disk = try self.disk(self.configuration, texts: (1...20).map { "text \($0)" })
        let path = TestLog.path(ofSegment: self.segments(disk)[1].base.rawValue)
        var bytes = try #require(disk[path])
        bytes[bytes.count - 20] ^= 1
        disk[path] = bytes
        try TestLog(FaultyFileSystem(disk), self.configuration).close()
    }

    @Test("segments that stand in the data directory itself are said, and no new log is begun beside them")
    func misplaced() throws {
        let disk = try self.disk(self.configuration, texts: ["one", "two"])
        let fileSystem = FaultyFileSystem()
        _ = try fileSystem.createDirectory("/")
        _ = try fileSystem.createDirectory("/data")
        let name = SegmentName(base: .first)
        let file = try fileSystem.open(FilePath("/data").appending(name.fileName), .create)
        let bytes = try #require(disk[TestLog.path(ofSegment: 1)])
        _ = try fileSystem.write(file, bytes.span, at: 0)
        fileSystem.close(file)
        let before = fileSystem.disk.paths
        let expected = EventLogError.misplacedSegments(directory: "/data", first: name)
        #expect(throws: expected) { try TestLog(fileSystem, self.configuration) }
        #expect(fileSystem.disk.paths == before)
        #expect("\(EventLogError.misplacedSegments(directory: "/data/log", first: name))".contains("directory above"))
    }

    @Test("where directories cannot be synced, only level `os` promises nothing that rests on it")
    func directorySync() throws {
        for durability in [Durability.always, .interval(.seconds(1))] {
            let fileSystem = FaultyFileSystem()
            fileSystem.fail(.every(.syncDirectory), .error(.invalidArgument))
            #expect(throws: EventLogError.directorySyncImpossible(TestLog.directory)) {
                try TestLog(fileSystem, TestLog.configuration(durability: durability))
            }
        }
        let fileSystem = FaultyFileSystem()
        fileSystem.fail(.every(.syncDirectory), .error(.invalidArgument))
        let configuration = TestLog.configuration(segmentSizeBytes: 600, durability: .os)
        let log = try TestLog(fileSystem, configuration)
        for number in 1...20 { log.commit(TestLog.batch("text \(number)")) }
        #expect(log.failures.isEmpty)
        log.close()
        let again = try TestLog(fileSystem, configuration)
        let end = try #require(again.recovery.end)
        #expect(end == SequenceNumber(20))
        again.close()
        // Another error is one at any level.
        let broken = FaultyFileSystem()
        broken.fail(.every(.syncDirectory))
        #expect(throws: EventLogError.self) { try TestLog(broken, configuration) }
    }
}
