import EventLog
import Foundation
import SystemPackage
import TestSupport

/// Logs and parts of logs that the tests are about.
enum Fixtures {
    /// 300 events in five segments, closed, with checkpoints.
    static func writeLog(to directory: FilePath, _ change: (inout SampleLog.Settings) -> Void = { _ in }) throws {
        var settings = SampleLog.Settings()
        change(&settings)
        try SampleLog.write(to: directory, settings)
    }

    /// The files of a log's segments, in order.
    static func segments(of directory: FilePath) throws -> [FilePath] {
        let catalog = try SegmentCatalog(directory)
        return catalog.segments.map { catalog.path(of: $0) }
    }

    static func bytes(of path: FilePath) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path.string)))
    }

    static func write(_ bytes: [UInt8], to path: FilePath) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path.string))
    }

    static func flip(bit: UInt8 = 1, at offset: Int, of path: FilePath) throws {
        var bytes = try self.bytes(of: path)
        bytes[offset] ^= bit
        try self.write(bytes, to: path)
    }

    /// All lines, as text.
    static func lines(of directory: FilePath) throws -> [String] {
        try TestLog.lines(PosixFileSystem(), directory: directory)
    }

    /// Writes lines of a given kind, without content or with what stands for it, in one commit each.
    static func writeLines(_ heads: [String], to directory: FilePath) throws {
        let log = try TestLog(PosixFileSystem(), directory: directory)
        for head in heads {
            var batch = LineBatch()
            batch.append { $0.append(contentsOf: head.utf8) }
            log.commit(batch)
        }
        log.close()
    }

    /// What stands in a line before its data, for a type.
    static func head(_ type: String, _ data: String) -> String {
        "\"time\":\"2026-11-23T19:00:00.000000Z\",\"type\":\"\(type)\",\"source\":\"node-1\",\"data\":\(data)"
    }
}
