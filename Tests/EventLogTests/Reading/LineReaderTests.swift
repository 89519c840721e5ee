import LogValues
import RawJSON
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("Reading single lines")
struct LineReaderTests {
    /// A log of several segments, each of several frames, its lines, and where its frames begin.
    private static func log() throws -> (disk: FaultyFileSystem, lines: [String], places: [FramePlace]) {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk, TestLog.configuration(segmentSizeBytes: 120_000, frameSizeBytes: 30_000))
        for number in 0..<40 { log.commit(TestLog.batch(TestLog.noise(9_000, seed: UInt64(number)), "line \(number)")) }
        log.close()
        var places: [FramePlace] = []
        var lines: [String] = []
        try LogReader(TestLog.directory, fileSystem: disk).forEachLine { line in
            lines.append(String(decoding: line.bytes, as: UTF8.self))
            let place = FramePlace(segment: line.segment, offset: line.frameOffset, first: line.sequenceNumber)
            guard places.last.map({ ($0.segment, $0.offset) }) ?? (place.segment, .max) != (place.segment, place.offset)
            else { return }
            places.append(place)
        }
        return (disk, lines, places)
    }

    @Test(
        "gives the lines of any place, in any order, whether the disk was told of them before or not",
        arguments: [true, false]
    )
    func anywhere(isPrepared: Bool) throws {
        let log = try Self.log()
        #expect(log.places.count > 10)
        var reader = LineReader(TestLog.directory, fileSystem: log.disk) { number in
            log.places.last { $0.first <= number }
        }
        var generator = SeededGenerator(seed: 7)
        let numbers = (0..<60).map { _ in SequenceNumber(UInt64.random(in: 1...80, using: &generator)) }
        // Also of lines that are not there, and whose place nobody knows.
        if isPrepared { reader.prepare(numbers.sorted() + [SequenceNumber(1_000)]) }
        for number in numbers {
            var text: String?
            if let line = try reader.line(at: number) { text = String(decoding: line.bytes, as: UTF8.self) }
            #expect(text == log.lines[Int(number.rawValue) - 1])
        }
        let isThere = try reader.line(at: SequenceNumber(81)) != nil
        #expect(!isThere)
    }

    @Test("telling the disk of lines opens nothing for long, and fails at nothing")
    func preparing() throws {
        let log = try Self.log()
        let reader = LineReader("/nowhere", fileSystem: log.disk) { number in log.places.last { $0.first <= number } }
        reader.prepare([.first, SequenceNumber(50)])
        #expect(log.disk.openCount == 0)
    }
}
