import SystemPackage
import TestSupport
import Testing

@testable import EventLog

/// A frame's header and its first block must not be torn apart: an intact block behind a torn header looks like damage.
@Suite("Power failures at the first write into a frame")
struct TornHeaderTests {
    /// What stands in the first life of a log, and what is appended in the second.
    private enum Life {
        static let first = "before the restart"
        static let second = ["after", "and later"]
    }

    /// A log that is opened again and written to, on a disk that stops at a call.
    private static func disk(stoppingAt call: Int?) throws -> (disk: Disk, committed: [String], callCount: Int) {
        let before = FaultyFileSystem()
        let first = try TestLog(before)
        first.commit(TestLog.batch(Life.first))
        first.close()
        var committed = [Life.first]
        let fileSystem = FaultyFileSystem(before.disk)
        if let call { fileSystem.fail(.from(call: call), .torn(keeping: .max)) }
        if let log = try? TestLog(fileSystem) {
            for text in Life.second {
                guard case .committed = log.commit(TestLog.batch(text)) else { break }
                committed.append(text)
            }
        }
        return (fileSystem.disk, committed, fileSystem.callCount)
    }

    @Test("whichever of the bytes that were not synced are lost, the log starts, with all that was acknowledged")
    func everyByte() throws {
        let path = TestLog.path(ofSegment: 1)
        for call in 1...(try Self.disk(stoppingAt: nil).callCount) {
            let (disk, committed, _) = try Self.disk(stoppingAt: call)
            let bytes = disk[path] ?? []
            let synced = disk.syncedSizeBytes(of: path)
            for start in synced..<max(synced, bytes.count) {
                for count in [1, 3, 7, 512] {
                    for noise in [UInt8(0), 0xA5] {
                        var torn = bytes
                        for index in start..<min(start + count, bytes.count) { torn[index] = noise }
                        var lost = disk
                        lost[path] = torn
                        let fileSystem = FaultyFileSystem(lost)
                        try TestLog(fileSystem).close()
                        CrashTests.check(
                            try CrashTests.texts(fileSystem),
                            holds: committed,
                            "stopped at call \(call), \(count) bytes lost at \(start)"
                        )
                    }
                }
            }
        }
    }
}
