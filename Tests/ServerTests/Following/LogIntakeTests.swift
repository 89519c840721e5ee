import EventLog
import LogValues
import NIOCore
import Projections
import Synchronization
import SystemPackage
import Testing

@testable import Following
@testable import Hub

@Suite("Taking in a shipped log", .serialized)
struct LogIntakeTests {
    @Test("parts of any size become the same lines, over many segments", arguments: [50, 1_000, 1 << 20])
    func sameLines(partSize: Int) async throws {
        let logs = try TwoLogs()
        await logs.write(300)
        try await logs.ship(partSize: partSize)
        #expect(try logs.overview()?.segments.count ?? 0 > 3)
        #expect(try await logs.followedLines() == logs.lines(of: "primary"))
    }

    @Test("a follower that is stopped anywhere goes on from there", arguments: [1, 3, 10, 40])
    func goesOn(parts: Int) async throws {
        let logs = try TwoLogs()
        await logs.write(200)
        try await logs.ship(partSize: 100, limit: parts)
        try logs.restartFollower()
        await logs.write(50)
        try await logs.ship(partSize: 100)
        #expect(try await logs.followedLines() == logs.lines(of: "primary"))
    }

    @Test("the first key is pinned, over a restart too, and another one refused")
    func pinsKey() async throws {
        let logs = try TwoLogs()
        await logs.write(10)
        try await logs.ship(partSize: 1_000)
        try logs.restartFollower()
        let other = try NodeKey(origin: "channelstream/\(TwoLogs.logID)", seed: Array(repeating: 8, count: 32))
        let overview = try #require(try logs.overview(signedBy: other))
        await #expect(throws: FollowError.self) { try await logs.intake.meet(overview) }
        let record = try FollowRecord.read(in: logs.root.appending("follower"))
        #expect(record?.keys == [logs.key.verifierKey.text])
    }

    @Test("another history of the same log is refused, whether it is shorter or longer, and nothing of it is taken")
    func refusesAnotherHistory() async throws {
        let logs = try TwoLogs()
        await logs.write(100)
        try await logs.ship(partSize: 1_000)
        let lines = try await logs.followedLines()
        try logs.replacePrimary()
        for _ in 0..<2 {
            await logs.write(80, saying: "other")
            try logs.restartFollower()
            let error = await #expect(throws: FollowError.self) { try await logs.ship(partSize: 1_000) }
            #expect(error?.isContradiction == true)
            #expect(try logs.lines(of: "follower") == lines)
        }
    }

    @Test("the same lines in other bytes are the same log: the segment was written anew")
    func comparesLines() async throws {
        let logs = try TwoLogs()
        await logs.write(30)
        try await logs.ship(partSize: 1_000)
        _ = try await logs.followedLines()
        try logs.replacePrimary()
        // One commit now, where there were many: the blocks differ.
        await logs.write(60)
        try await logs.ship(partSize: 1_000)
        #expect(try await logs.followedLines() == logs.lines(of: "primary"))
    }

    @Test("another log, and a node of this name, are refused")
    func refusesOthers() async throws {
        let logs = try TwoLogs()
        await logs.write(2)
        let overview = try #require(try logs.overview())
        for (logID, node) in [(String(repeating: "f", count: 32), "one"), (TwoLogs.logID, "two")] {
            let other = LogOverview(
                logID: logID,
                node: node,
                end: overview.end,
                key: overview.key,
                checkpoint: overview.checkpoint,
                maxBodySize: overview.maxBodySize,
                segments: overview.segments
            )
            await #expect(throws: FollowError.self) { try await logs.intake.meet(other) }
        }
    }

    @Test("what a node says of its log reads back as it was")
    func overview() async throws {
        let logs = try TwoLogs()
        await logs.write(200)
        let overview = try #require(try logs.overview())
        let read = try #require(try LogOverview(reading: overview.json))
        #expect(read.json == overview.json)
        #expect(read.segments == overview.segments && read.end == SequenceNumber(200))
        #expect(read.segment(holding: SequenceNumber(1)) == SegmentName(base: .first))
    }

    @Test(
        "a disk without room stops the copy before the log fails, wherever it is, and with room it goes on",
        arguments: 1..<12
    )
    func goesOnWithRoom(parts: Int) async throws {
        let logs = try TwoLogs()
        await logs.write(200)
        try await logs.ship(partSize: 400, limit: parts)
        logs.room.bytes.withLock { $0 = LogIntake.spareRoom + 100 }
        await #expect(throws: FollowError.self) { try await logs.ship(partSize: 400) }
        _ = await logs.remote.local.committed.wait(for: logs.remote.position, timeout: .seconds(10))
        #expect(logs.remote.local.failure == nil)
        #expect(try await !logs.intake.startOverFromLog())
        logs.room.bytes.withLock { $0 = LogIntake.roomToGoOn }
        #expect(try await logs.intake.startOverFromLog())
        try await logs.ship(partSize: 400)
        #expect(try await logs.followedLines() == logs.lines(of: "primary"))
    }
}
