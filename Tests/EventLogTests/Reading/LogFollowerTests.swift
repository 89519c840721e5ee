import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("LogFollower")
struct LogFollowerTests {
    /// A follower that gives up as soon as there is nothing more.
    static func follower(_ disk: FaultyFileSystem, from first: SequenceNumber = .first) -> Follower {
        Follower(LogFollower(TestLog.directory, from: first, fileSystem: disk) { false })
    }

    static func drain(_ follower: Follower) throws -> [UInt64] {
        var numbers: [UInt64] = []
        while let number = try follower.next() { numbers.append(number) }
        return numbers
    }

    @Test("hands out what is appended, over commits, restarts and new segments")
    func follows() throws {
        let disk = FaultyFileSystem()
        let follower = Self.follower(disk)
        #expect(try Self.drain(follower).isEmpty, "there is no log yet")
        var next: UInt64 = 1
        for _ in 0..<3 {
            let log = try TestLog(disk, TestLog.configuration(segmentSizeBytes: 600))
            #expect(try Self.drain(follower).isEmpty)
            for _ in 0..<4 {
                log.commit(TestLog.batch("a", "b"))
                #expect(try Self.drain(follower) == [next, next + 1])
                next += 2
            }
            log.close()
            #expect(try Self.drain(follower).isEmpty)
        }
        #expect(try SegmentCatalog(TestLog.directory, fileSystem: disk).segments.count >= 3)
    }

    @Test("begins with any line, also one that is not there yet")
    func begins() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk, TestLog.configuration(segmentSizeBytes: 1))
        let follower = Self.follower(disk, from: SequenceNumber(4))
        #expect(try Self.drain(follower).isEmpty)
        for _ in 0..<6 {
            log.commit(TestLog.batch("a"))
        }
        #expect(try Self.drain(follower) == [4, 5, 6])
        log.close()
    }

    @Test("a file that grows byte by byte gives each commit when it is whole, and never an error")
    func growsByteByByte() throws {
        let sample = try SmallLog.make(frames: 2)
        let path = TestLog.path(ofSegment: 1)
        let bytes = try #require(sample.disk[path])
        let disk = FaultyFileSystem()
        _ = try disk.createDirectory("/data/log")
        let follower = Self.follower(disk)
        var found: [UInt64] = []
        let file = try disk.open(path, .create)
        for (offset, byte) in bytes.enumerated() {
            _ = try disk.write(file, [byte].span, at: UInt64(offset))
            found += try Self.drain(follower)
            let expected = sample.commitEnds.last { $0.size <= offset + 1 }
            if let expected { #expect(found.count == expected.lineCount, "\(offset + 1) bytes") }
        }
        #expect(found == Array(1...UInt64(sample.lines.count)))
    }

    @Test(
        "goes on with what is written after a crash instead of a torn commit that it saw",
        arguments: [5, 250_000, 400_000]
    )
    func tornCommit(cut: Int) throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk)
        log.commit(TestLog.batch("a"))
        let path = TestLog.path(ofSegment: 1)
        let before = try #require(disk.disk[path]).count
        let long = (0..<3).map { TestLog.noise(200_000, seed: $0) }
        log.commit(TestLog.batch(long))
        var torn = disk.disk
        torn[path] = torn[path].map { Array($0[..<(before + cut)]) }
        let crashed = FaultyFileSystem(torn)
        let follower = Self.follower(crashed)
        #expect(try Self.drain(follower) == [1])
        let again = try TestLog(crashed)
        #expect(try Self.drain(follower).isEmpty)
        again.commit(TestLog.batch(long.reversed() + long))
        #expect(try Self.drain(follower) == Array(2...7))
        again.commit(TestLog.batch("b"))
        #expect(try Self.drain(follower) == [8])
        again.close()
    }

    @Test("damage is an error, after the lines before it")
    func damage() throws {
        let sample = try SmallLog.make()
        var disk = sample.disk
        disk[TestLog.path(ofSegment: 1)]?[sample.commitEnds[3].size + 10] ^= 1
        let follower = Self.follower(FaultyFileSystem(disk))
        var found = 0
        #expect(throws: EventLogError.self) { while try follower.next() != nil { found += 1 } }
        #expect(found == sample.commitEnds[3].lineCount)
    }

    @Test("pauses when there is nothing more, and goes on after it")
    func pauses() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk)
        var pauses = 0
        let follower = Follower(
            LogFollower(TestLog.directory, fileSystem: disk) {
                pauses += 1
                if pauses == 2 { log.commit(TestLog.batch("a")) }
                return true
            }
        )
        #expect(try follower.next() == 1)
        #expect(pauses == 2)
        log.close()
    }
}

/// A follower that can be asked inside of an expectation.
final class Follower {
    private var follower: LogFollower

    init(_ follower: consuming LogFollower) {
        self.follower = follower
    }

    /// The number of the next line.
    func next() throws -> UInt64? {
        try Self.next(&self.follower)
    }

    private static func next(_ follower: inout LogFollower) throws -> UInt64? {
        guard let line = try follower.next() else { return nil }
        return line.sequenceNumber.rawValue
    }
}
