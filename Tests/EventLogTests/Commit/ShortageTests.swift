import LogValues
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("Descriptors or memory that run out")
struct ShortageTests {
    private let disk = FaultyFileSystem()

    /// Segments end after one commit, and what was refused is tried again at once, or after a while.
    private func log(
        retryInterval: Duration = .zero,
        telling tell: @escaping @Sendable (EventLogError) -> Void = { _ in }
    ) throws -> TestLog {
        var configuration = TestLog.configuration(segmentSizeBytes: 1)
        configuration.patience.retryInterval = retryInterval
        configuration.patience.pause = .zero
        configuration.onShortage = tell
        return try TestLog(self.disk, configuration)
    }

    private var segments: [UInt64] {
        get throws { try SegmentCatalog(TestLog.directory, fileSystem: self.disk).segments.map(\.base.rawValue) }
    }

    @Test(
        "without a descriptor for the next segment the log goes on in the old one, and begins the next when there is one",
        arguments: [Errno.tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory]
    )
    func nextSegment(code: Errno) throws {
        let told = Mutex<[EventLogError]>([])
        let log = try self.log { error in told.withLock { $0.append(error) } }
        log.commit(TestLog.batch("a"))
        self.disk.fail(.every(.open), .error(code))
        for text in ["b", "c", "d"] { log.commit(TestLog.batch(text)) }
        #expect(log.failures.isEmpty)
        #expect(told.withLock { $0.count } == 1)
        self.disk.healAll()
        #expect(try self.segments == [1])
        log.commit(TestLog.batch("e"))
        #expect(try self.segments == [1, 5])
        log.close()
        let again = try TestLog(self.disk)
        #expect(again.recovery.cut == nil)
        #expect(try TestLog.lines(self.disk).count == 5)
        again.close()
    }

    @Test("a shortage that comes again is told again")
    func toldAgain() throws {
        let count = Mutex(0)
        let log = try self.log { _ in count.withLock { $0 += 1 } }
        log.commit(TestLog.batch("a"))
        for _ in 0..<2 {
            self.disk.fail(.every(.open), .error(.tooManyOpenFiles))
            log.commit(TestLog.batch("b"))
            self.disk.healAll()
            log.commit(TestLog.batch("c"))
        }
        #expect(count.withLock { $0 } == 2)
        log.close()
    }

    @Test("a note of how far the log reaches that finds no descriptor comes later, and stops nothing")
    func note() throws {
        let log = try self.log(retryInterval: .milliseconds(1))
        log.commit(TestLog.batch("a"))
        self.disk.fail(.every(.open), .error(.tooManyOpenFiles))
        log.log.noteSynced()
        log.commit(TestLog.batch("b"))
        #expect(log.failures.isEmpty)
        self.disk.healAll()
        log.log.noteSynced()
        log.close()
        let note = try #require(try SyncedNote.read(in: TestLog.directory, self.disk))
        #expect(note.end == SequenceNumber(2))
    }

    @Test("a clean stop without a descriptor for the note is a clean stop")
    func stop() throws {
        let log = try self.log()
        log.commit(TestLog.batch("a"))
        self.disk.fail(.every(.open), .error(.tooManyOpenFiles))
        log.close()
        #expect(log.failures.isEmpty)
        self.disk.healAll()
        let again = try TestLog(self.disk)
        #expect(again.recovery.cut == nil)
        #expect(again.recovery.end == .first)
        again.close()
    }

    @Test("where the new segment is there, the descriptor for its folder is waited for")
    func folder() throws {
        let log = try self.log()
        log.commit(TestLog.batch("a"))
        self.disk.fail(.next(.syncDirectory), .error(.tooManyOpenFiles))
        self.disk.fail(.next(.syncDirectory), .error(.tooManyOpenFiles))
        log.commit(TestLog.batch("b"))
        #expect(log.failures.isEmpty)
        #expect(try self.segments == [1, 2])
        log.close()
    }

    @Test("what a disk refuses is no shortage", arguments: [Errno.noSpace, .ioError, .permissionDenied])
    func disk(code: Errno) throws {
        let log = try self.log()
        log.commit(TestLog.batch("a"))
        self.disk.fail(.every(.open), .error(code))
        log.commit(TestLog.batch("b"))
        #expect(log.failures.map(\.lineCount) == [1])
        log.close()
    }

    @Test("a write or a sync is no shortage, whatever its code says", arguments: [Errno.noMemory, .tooManyOpenFiles])
    func writes(code: Errno) {
        for operation in [FileSystemError.Operation.write, .sync, .truncate, .rename, .read] {
            #expect(!FileSystemError(operation, "/x", code).hasNotHappened)
        }
        #expect(!FileSystemError(.syncDirectory, "/x", .noMemory).hasNotHappened)
    }

    @Test("what is postponed is done at its time, and commits do not wait for it")
    func postponed() {
        let start = GroupCommitTests.start
        var commits = GroupCommitTests.make()
        commits.requestNote()
        commits.postpone(until: start + .seconds(1))
        #expect(commits.next(at: start) == .wait(until: start + .seconds(1)))
        _ = commits.append(TestLog.batch("a"))
        #expect(commits.next(at: start) == .commit(syncs: true))
        _ = GroupCommitTests.take(&commits)
        commits.committed(synced: true, at: start)
        #expect(commits.next(at: start + .seconds(1)) == .note)
        commits.noted()
        #expect(commits.next(at: start + .seconds(1)) == .wait(until: nil))
        commits.requestSeal()
        commits.postpone(until: start + .seconds(2))
        commits.close()
        #expect(commits.next(at: start) == .finish)
    }
}
