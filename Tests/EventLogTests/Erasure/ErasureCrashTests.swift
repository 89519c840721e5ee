import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

/// Erases, with a crash at every call that is made on the file system.
@Suite("Crashes while contents are erased")
struct ErasureCrashTests {
    private static let secretLines: [UInt64] = [2, 5, 9]

    /// A closed log that holds the secret, and a torn tail that does.
    private static func filled() throws -> Disk {
        let fileSystem = FaultyFileSystem()
        let log = try ErasedLog(fileSystem)
        log.fill()
        log.log.close()
        var disk = fileSystem.disk
        disk[TestLog.path(ofSegment: 1).removingLastComponent().appending("x.torn")] = Array(ErasedLog.secret.utf8)
        return disk
    }

    /// Opens, erases and closes; goes on after failures as a server would.
    ///
    /// - Returns: Whether it was said that the erasure is done.
    private static func live(on fileSystem: FaultyFileSystem, _ durability: Durability) -> Bool {
        guard let log = try? ErasedLog(fileSystem, durability) else { return false }
        defer { log.log.close() }
        return (try? log.erase(2, 5, 9)) != nil
    }

    private static func callCount(_ durability: Durability) throws -> Int {
        let fileSystem = FaultyFileSystem(try Self.filled())
        #expect(Self.live(on: fileSystem, durability))
        return fileSystem.callCount
    }

    @Test(
        "after a crash at any call, and a start, every content is gone or none is",
        arguments: [Durability.always, .interval(.seconds(100))],
        Disk.Loss.allCases
    )
    func crashes(durability: Durability, loss: Disk.Loss) throws {
        let filled = try Self.filled()
        var generator = SeededGenerator(seed: 17)
        var outcomes: Set<Bool> = []
        for call in 1...(try Self.callCount(durability)) {
            let fileSystem = FaultyFileSystem(filled)
            fileSystem.fail(.from(call: call), .torn(keeping: 7))
            let wasDone = Self.live(on: fileSystem, durability)
            let disk = fileSystem.disk.afterPowerFailure(loss, using: &generator)
            let isErased = try Self.checkAfterStart(disk, durability, "crash at call \(call)")
            #expect(!wasDone || isErased, "crash at call \(call): it was said that the content is gone")
            outcomes.insert(isErased)
        }
        #expect(outcomes == [true, false], "crashes before and after the order were among them")
    }

    @Test("after a single failed call, erasing again, or after a start, ends with every content gone")
    func failures() throws {
        let filled = try Self.filled()
        for call in 1...(try Self.callCount(.always)) {
            let fileSystem = FaultyFileSystem(filled)
            fileSystem.fail(.at(call: call))
            let first = try? ErasedLog(fileSystem)
            let wasDone = first.map { (try? $0.erase(2, 5, 9)) != nil } ?? false
            fileSystem.healAll()
            // As a server does: also where the log takes nothing any more.
            if let first, !wasDone { _ = try? first.finish() }
            if let first, !wasDone, first.log.log.failure == nil {
                #expect(try first.erase(2, 5, 9) != nil)
                #expect(try ErasedLog.filesWithSecret(on: fileSystem.disk).isEmpty, "failure of call \(call)")
            }
            first?.log.close()
            let log = try ErasedLog(fileSystem)
            _ = try log.finish()
            let isOrdered = try TestLog.lines(fileSystem).contains { $0.contains("\"text\":\"erase ") }
            #expect(try ErasedLog.filesWithSecret(on: fileSystem.disk).isEmpty == isOrdered, "failure of call \(call)")
            #expect(try log.erase(2, 5, 9) != nil)
            #expect(try ErasedLog.filesWithSecret(on: fileSystem.disk).isEmpty, "failure of call \(call)")
            log.log.close()
        }
    }

    @Test("a full disk leaves the segment as it was; with room again the erasure is finished")
    func fullDisk() throws {
        let fileSystem = FaultyFileSystem(try Self.filled())
        let log = try ErasedLog(fileSystem)
        #expect(throws: EventLogError.self) {
            try log.erase(2, 5, 9) { _, _ in throw EventLogError.closed }
        }
        try log.erasure.begin(after: SequenceNumber(9))
        fileSystem.limitRoom(to: 0)
        #expect(throws: EventLogError.self) { try log.finish() }
        fileSystem.limitRoom(to: .max)
        #expect(try log.finish() != nil)
        #expect(try ErasedLog.filesWithSecret(on: fileSystem.disk).isEmpty)
        #expect(!fileSystem.disk.paths.contains { $0.string.hasSuffix(SegmentEraser.suffix) })
    }

    /// Starts the log on a disk, finishes what is pending, and checks that it is finished or not begun, and verifies.
    ///
    /// - Returns: Whether it is finished.
    private static func checkAfterStart(
        _ disk: Disk,
        _ durability: Durability,
        _ comment: Comment
    ) throws -> Bool {
        let fileSystem = FaultyFileSystem(disk)
        let log = try ErasedLog(fileSystem, durability)
        _ = try log.finish()
        #expect(try !log.erasure.isPending(), comment)
        let lines = try TestLog.lines(fileSystem)
        let erased = lines.indices.filter { lines[$0].contains("\"commit\":") }.map { UInt64($0 + 1) }
        let isOrdered = lines.dropFirst(9).contains { $0.contains("\"text\":\"erase ") }
        #expect(erased == (isOrdered ? Self.secretLines : []), comment)
        #expect(try LogErasureTests.root(of: lines) == log.log.recovery.frontier.root, comment)
        #expect(!fileSystem.disk.paths.contains { $0.string.hasSuffix(SegmentEraser.suffix) }, comment)
        if isOrdered {
            #expect(try ErasedLog.filesWithSecret(on: fileSystem.disk).isEmpty, comment)
        } else {
            #expect(try ErasedLog.filesWithSecret(on: fileSystem.disk).count >= 3, comment)
        }
        log.log.close()
        #expect(try TestLog(FaultyFileSystem(fileSystem.disk)).recovery.wasClosedCleanly, comment)
        return isOrdered
    }
}
