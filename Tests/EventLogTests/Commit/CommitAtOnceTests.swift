import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("Committing on the caller's thread")
struct CommitAtOnceTests {
    @Test("at os a batch is written before the call returns, and told to nobody else")
    func writes() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk, TestLog.configuration(durability: .os))
        for number in 1...3 {
            guard case .committed(let commit) = log.log.appendOrCommit(TestLog.batch("x")) else {
                Issue.record("committed at once")
                return
            }
            #expect(commit.first == SequenceNumber(UInt64(number)) && commit.lineCount == 1)
            #expect(log.log.end == SequenceNumber(UInt64(number)))
        }
        #expect(log.commits.isEmpty)
        // The thread goes on where the caller stopped, and the other way round.
        log.commit(TestLog.batch("y"))
        // It reports a moment before it lets go of the segment: what comes in between goes its way.
        var byThread = 1
        while log.log.appendOrCommit(TestLog.batch("z")) == nil {
            byThread += 1
            log.wait(forLines: byThread)
        }
        log.close()
        let numbers = try TestLog.lines(disk).map { $0.prefix { $0 != "," } }
        #expect(numbers == (1...numbers.count).map { #"{"seq":\#($0)"#[...] })
        #expect(numbers.count >= 5)
    }

    @Test("a new segment is begun by the thread")
    func leavesSegments() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk, TestLog.configuration(segmentSizeBytes: 1, durability: .os))
        #expect(log.log.appendOrCommit(TestLog.batch("a")) != nil)
        #expect(log.log.appendOrCommit(TestLog.batch("b")) == nil)
        log.wait(forLines: 1)
        #expect(log.commits.first?.segment == SegmentName(base: SequenceNumber(2)))
        log.close()
        #expect(try TestLog.lines(disk).count == 2)
    }

    @Test("at always it is left to the thread, which syncs")
    func leavesSyncs() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk)
        #expect(log.log.appendOrCommit(TestLog.batch("x")) == nil)
        guard case .committed = log.wait(forLines: 1) else {
            Issue.record("committed by the thread")
            return
        }
        log.close()
    }

    @Test("a write that fails is told as a refusal, and nothing is committed after it")
    func fails() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk, TestLog.configuration(durability: .os))
        #expect(log.log.appendOrCommit(TestLog.batch("x")) != nil)
        disk.fail(.every(.write))
        guard case .failed(_, lineCount: 2) = log.log.appendOrCommit(TestLog.batch("a", "b")) else {
            Issue.record("failed")
            return
        }
        #expect(log.failures.isEmpty)
        #expect(log.log.appendOrCommit(TestLog.batch("c")) == nil)
        guard case .failed(_, lineCount: 1) = log.wait(forLines: 1) else {
            Issue.record("refused")
            return
        }
        log.close()
        #expect(try TestLog.lines(disk).count == 1)
    }
}
