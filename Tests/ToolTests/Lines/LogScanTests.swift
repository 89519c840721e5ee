import EventLog
import Foundation
import LogValues
import RawJSON
import SystemPackage
import TestSupport
import Testing

@testable import channelstream_log

@Suite("Reading a log from end to end")
struct LogScanTests {
    private let directory: TemporaryDirectory
    private var log: FilePath { self.directory.log }

    init() throws {
        self.directory = try TemporaryDirectory()
        try Fixtures.writeLog(to: self.directory.log)
    }

    @Test("no line of a frame is handed out whose checksum says that other lines were written")
    func frameChecksum() throws {
        let segments = try Fixtures.segments(of: self.log)
        let lines = try Fixtures.lines(of: self.log)
        let second = try #require(SegmentName(fileName: segments[1].lastComponent?.string ?? ""))
        try Fixtures.flip(at: Self.checksumOffset(of: try Fixtures.bytes(of: segments[1])), of: segments[1])
        let (read, error) = self.soundLines()
        #expect(error is EventLogError)
        #expect(read == Array(lines.prefix(Int(second.base.rawValue) - 1)))
    }

    @Test("a log whose first segment is missing is not read from the middle, unless one asks for a later line")
    func missingBeginning() throws {
        let segments = try Fixtures.segments(of: self.log)
        try FileManager.default.removeItem(atPath: segments[0].string)
        let first = try SegmentCatalog(self.log).firstLine
        let (read, error) = self.soundLines()
        #expect(read.isEmpty)
        guard case .historyIncomplete = error as? EventLogError else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(self.soundLines(from: first).lines.isEmpty == false)
    }

    private func soundLines(from first: SequenceNumber? = nil) -> (lines: [String], error: (any Error)?) {
        var lines: [String] = []
        do {
            _ = try LogScan(directory: self.log, pause: {}).forEachSoundLine(from: first) { line in
                lines.append(String(decoding: line.bytes, as: UTF8.self))
            }
            return (lines, nil)
        } catch {
            return (lines, error)
        }
    }

    /// Where the checksum of a file's first frame stands: behind its blocks and the end mark (LZ4 frame format, "General
    /// Structure").
    private static func checksumOffset(of file: [UInt8]) -> Int {
        var start = 7
        while start + 4 <= file.count {
            let size = (0..<4).reduce(0) { $0 | Int(file[start + $1]) << (8 * $1) } & 0x7FFF_FFFF
            guard size > 0 else { break }
            start += 4 + size + 4
        }
        return start + 4
    }
}
