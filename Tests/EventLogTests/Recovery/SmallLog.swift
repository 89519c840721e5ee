import SystemPackage
import TestSupport

@testable import EventLog

/// A small log on a disk in memory, with what was written to it and where its commits end.
struct SmallLog {
    /// Lines as a reader must find them.
    let lines: [String]
    let disk: Disk
    /// For the last segment: its size after each commit, and how many lines the log had then.
    let commitEnds: [(size: Int, lineCount: Int)]

    static let texts = [["one"], ["two", "two, too"], ["three"], ["four", "and", "more"], ["five"]]

    /// Two segments, or one; the last one has one frame, or a second one that is open.
    ///
    /// With a `frameSizeBytes` of 1, every commit is a frame of its own, and the next one is begun.
    static func make(segments: Int = 1, frames: Int = 1, frameSizeBytes: Int? = nil) throws -> SmallLog {
        let fileSystem = FaultyFileSystem()
        var lineCount = 0
        if segments > 1 {
            // So small that the first commit fills it.
            let first = try TestLog(fileSystem, TestLog.configuration(segmentSizeBytes: 1))
            first.commit(TestLog.batch("early", "and earlier"))
            first.commit(TestLog.batch("late"))
            first.close()
            lineCount = 3
        }
        if frames > 1 {
            let earlier = try TestLog(fileSystem)
            earlier.commit(TestLog.batch("before the restart"))
            earlier.close()
            lineCount += 1
        }
        let log = try TestLog(fileSystem, TestLog.configuration(frameSizeBytes: frameSizeBytes))
        let path = TestLog.path(ofSegment: segments > 1 ? 3 : 1)
        var ends = [(size: fileSystem.disk[path]?.count ?? 0, lineCount: lineCount)]
        for texts in Self.texts {
            log.commit(TestLog.batch(texts))
            lineCount += texts.count
            ends.append((size: fileSystem.disk[path]?.count ?? 0, lineCount: lineCount))
        }
        let disk = fileSystem.disk
        return SmallLog(lines: try TestLog.lines(fileSystem), disk: disk, commitEnds: ends)
    }

    /// The log without the note of how far it reached, so that only the segments tell.
    var withoutNote: Disk {
        var disk = self.disk
        disk[TestLog.directory.appending(SyncedNote.fileName)] = nil
        return disk
    }
}
