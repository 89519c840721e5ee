import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

/// Goes through the life of a small log, with a fault at every call that it makes on the file system.
@Suite("Crashes and failing calls")
struct CrashTests {
    /// What became of a run.
    struct Run {
        /// The lines that were reported as committed, as texts.
        var committed: [String] = []
        var failures: [EventLogError] = []
    }

    /// Opens, appends to two segments, notes, and closes; twice.
    ///
    /// Goes on after failures as a server would.
    static func live(on fileSystem: FaultyFileSystem, frameSizeBytes: Int? = nil) -> Run {
        var run = Run()
        for (life, texts) in [[["a"], ["b", "c"], ["d"]], [["e"], ["f", "g"]]].enumerated() {
            let log: TestLog
            do {
                let configuration = TestLog.configuration(segmentSizeBytes: 500, frameSizeBytes: frameSizeBytes)
                log = try TestLog(fileSystem, configuration)
            } catch {
                run.failures.append(error)
                continue
            }
            for texts in texts {
                log.commit(TestLog.batch(texts.map { "\($0)\(life)" }))
                if texts.count == 2 { log.log.noteSynced() }
            }
            log.close()
            for commit in log.commits {
                let all = texts.flatMap { $0 }.map { "\($0)\(life)" }
                run.committed += all.dropFirst(
                    log.commits.prefix { $0.first < commit.first }.reduce(0) { $0 + $1.lineCount }
                ).prefix(commit.lineCount)
            }
            run.failures += log.failures.map(\.error)
        }
        return run
    }

    /// What stands in a log: the text of each line's content.
    static func texts(_ fileSystem: FaultyFileSystem) throws -> [String] {
        try TestLog.lines(fileSystem).map { line in
            String(line.drop { $0 != "}" }.dropFirst(1).split(separator: "\"text\":\"")[1].prefix { $0 != "\"" })
        }
    }

    static let callCount: Int = {
        let fileSystem = FaultyFileSystem()
        _ = Self.live(on: fileSystem)
        return fileSystem.callCount
    }()

    /// Whether `found` holds `committed` in order, and beside it only proposals that were not reported, each wholly.
    static func check(_ found: [String], holds committed: [String], _ comment: String) {
        var rest = found[...]
        for text in committed {
            while let next = rest.popFirst(), next != text {}
            if rest.isEmpty, found.last != text {
                Issue.record("\(comment): \(text) is lost, found \(found)")
                return
            }
        }
        #expect(Set(found).count == found.count, "\(comment): nothing twice")
        for pair in [("b0", "c0"), ("f1", "g1")] {
            #expect(found.contains(pair.0) == found.contains(pair.1), "\(comment): a torn proposal")
        }
    }

    @Test("the life of a log without faults commits everything")
    func noFault() throws {
        let fileSystem = FaultyFileSystem()
        let run = Self.live(on: fileSystem)
        #expect(run.committed == ["a0", "b0", "c0", "d0", "e1", "f1", "g1"])
        #expect(run.failures.isEmpty)
        #expect(try Self.texts(fileSystem) == run.committed)
        #expect(fileSystem.disk.paths.filter { $0.string.hasSuffix(".lz4") }.count >= 2)
        #expect(fileSystem.openCount == 0)
    }

    @Test("whichever call fails, what was reported as committed is there afterwards, and files are let go of")
    func everyCallFails() throws {
        for call in 1...Self.callCount {
            for fault in [FaultyFileSystem.Fault.error(.ioError), .torn(keeping: 9)] {
                let fileSystem = FaultyFileSystem()
                fileSystem.fail(.at(call: call), fault)
                let run = Self.live(on: fileSystem)
                fileSystem.healAll()
                #expect(!run.failures.isEmpty, "call \(call) failed, and nobody said so")
                #expect(fileSystem.openCount == 0, "call \(call)")
                try TestLog(fileSystem).close()
                Self.check(try Self.texts(fileSystem), holds: run.committed, "call \(call)")
            }
        }
    }

    @Test("short writes are gone on with", arguments: [1, 5])
    func shortWrites(size: Int) throws {
        let fileSystem = FaultyFileSystem()
        fileSystem.fail(.every(.write), .short(size))
        let run = Self.live(on: fileSystem)
        #expect(run.failures.isEmpty)
        #expect(try Self.texts(fileSystem) == run.committed)
    }

    @Test(
        "a crash at any call loses nothing that was reported, and neither does a power failure then",
        arguments: [0, 5, 60],
        [nil, 1]
    )
    func everyCrash(keeping: Int, frameSizeBytes: Int?) throws {
        var generator = SeededGenerator(seed: UInt64(keeping))
        for call in 1...Self.callCount {
            let fileSystem = FaultyFileSystem()
            fileSystem.fail(.from(call: call), .torn(keeping: keeping))
            let run = Self.live(on: fileSystem, frameSizeBytes: frameSizeBytes)
            let killed = FaultyFileSystem(fileSystem.disk)
            try TestLog(killed).close()
            Self.check(try Self.texts(killed), holds: run.committed, "killed at call \(call)")
            for loss in Disk.Loss.allCases {
                let off = FaultyFileSystem(fileSystem.disk.afterPowerFailure(loss, using: &generator))
                try TestLog(off).close()
                Self.check(try Self.texts(off), holds: run.committed, "power failed at call \(call), \(loss)")
            }
        }
    }

    @Test("a second crash, at any call of the recovery from the first, loses nothing either")
    func crashInRecovery() throws {
        var generator = SeededGenerator(seed: 11)
        for call in stride(from: 1, through: Self.callCount, by: 3) {
            let first = FaultyFileSystem()
            first.fail(.from(call: call), .torn(keeping: 30))
            let run = Self.live(on: first)
            let loss = Disk.Loss.allCases.randomElement(using: &generator) ?? .everything
            let start = first.disk.afterPowerFailure(loss, using: &generator)
            for second in 1...200 {
                let fileSystem = FaultyFileSystem(start)
                fileSystem.fail(.from(call: second), .torn(keeping: 3))
                let isRecovered = (try? TestLog(fileSystem)) != nil
                if isRecovered { break }
                let last = FaultyFileSystem(fileSystem.disk.afterPowerFailure(.partly, using: &generator))
                try TestLog(last).close()
                Self.check(try Self.texts(last), holds: run.committed, "crash at \(call), then at \(second)")
            }
        }
    }

    @Test("a power failure in a commit of several blocks is told from damage: one block at most was not synced")
    func severalBlocks() throws {
        var generator = SeededGenerator(seed: 17)
        let long = (0..<3).map { TestLog.noise(200_000, seed: $0) }
        for failingSync in 1...3 {
            let fileSystem = FaultyFileSystem()
            let log = try TestLog(fileSystem)
            log.commit(TestLog.batch("before"))
            fileSystem.fail(.at(call: fileSystem.callCount + 2 * failingSync), .error(.ioError))
            fileSystem.fail(.every(.truncate))
            log.commit(TestLog.batch(long))
            #expect(log.failures.count == 1)
            for loss in Disk.Loss.allCases + [.zeroed, .noise, .zeroed, .noise] {
                let off = FaultyFileSystem(fileSystem.disk.afterPowerFailure(loss, using: &generator))
                let again = try TestLog(off)
                #expect(again.recovery.end == .first, "\(loss) at sync \(failingSync)")
                again.close()
            }
            log.close()
        }
    }

    @Test("what recovery takes for committed is on the disk when it is done, and so are the bytes that it cut off")
    func recoveredIsDurable() throws {
        var generator = SeededGenerator(seed: 23)
        let fileSystem = FaultyFileSystem()
        let unsynced = try TestLog(fileSystem, TestLog.configuration(durability: .os))
        unsynced.commit(TestLog.batch("only in the page cache"))
        var disk = fileSystem.disk
        disk.append([1, 2, 3], to: TestLog.path(ofSegment: 1))
        let killed = FaultyFileSystem(disk)
        let log = try TestLog(killed)
        let cut = try #require(log.recovery.cut)
        let off = killed.disk.afterPowerFailure(.everything, using: &generator)
        #expect(off[cut.keptAs] == [1, 2, 3])
        #expect(try TestLog.lines(FaultyFileSystem(off)).count == 1)
        #expect(try TestLog(FaultyFileSystem(off)).recovery.wasClosedCleanly, "the frame's end is on the disk too")
        log.close()
    }

    @Test("a full disk refuses lines, and the log is valid when there is room again")
    func fullDisk() throws {
        for room in stride(from: 0, to: 1200, by: 7) {
            let fileSystem = FaultyFileSystem()
            fileSystem.limitRoom(to: room)
            let run = Self.live(on: fileSystem)
            fileSystem.limitRoom(to: .max)
            try TestLog(fileSystem).close()
            Self.check(try Self.texts(fileSystem), holds: run.committed, "room for \(room) bytes")
        }
    }
}
