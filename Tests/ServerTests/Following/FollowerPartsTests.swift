import EventLog
import LogValues
import NIOCore
import Projections
import RawJSON
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Following
@testable import Hub

@Suite("Parts of a follower")
struct FollowerPartsTests {
    @Test("what is followed is kept over a restart, and taken away by a promotion")
    func record() throws {
        let disk = FaultyFileSystem()
        let directory: FilePath = "/data"
        _ = try disk.createDirectory(directory)
        #expect(try FollowRecord.read(in: directory, fileSystem: disk) == nil)
        var record = FollowRecord(url: "https://hub", keys: ["a+1+x", "b+2+y"], checkpoint: "hub\n1\nx\n\n— hub y\n")
        for beginning in [nil, FollowRecord.Beginning(), FollowRecord.Beginning(snapshot: "a\n\n— hub y\n")] {
            record.beginning = beginning
            try record.write(in: directory, fileSystem: disk)
            #expect(try FollowRecord.read(in: directory, fileSystem: disk) == record)
        }
        try FollowRecord.retire(in: directory, fileSystem: disk)
        #expect(try FollowRecord.read(in: directory, fileSystem: disk) == nil)
        #expect(disk.openCount == 0)
    }

    @Test("a record that was cut is an error, not a record")
    func damagedRecord() throws {
        let disk = FaultyFileSystem()
        _ = try disk.createDirectory("/data")
        let file = try disk.open("/data/following", .create)
        _ = try disk.write(file, Array(#"{"primary":"http"#.utf8).span, at: 0)
        disk.close(file)
        #expect(throws: FollowError.self) { try FollowRecord.read(in: "/data", fileSystem: disk) }
    }

    @Test("what is offered of snapshots reads back, also where there is none", arguments: [nil, "a\nb\n\n— hub c\n"])
    func snapshotOffer(note: String?) {
        let offer = SnapshotOffer(note: note.map { Array($0.utf8) })
        #expect(SnapshotOffer(reading: offer.json) == offer)
        #expect(SnapshotOffer(reading: Array("{}".utf8)) == nil)
    }

    @Test("the lag lasts from when the primary is ahead to when all of it has come")
    func lag() {
        let status = FollowStatus()
        let start = NIODeadline.uptimeNanoseconds(1_000)
        #expect(status.contact(end: SequenceNumber(5), node: "one", now: start))
        #expect(!status.contact(end: SequenceNumber(9), now: start + .seconds(1)))
        #expect(status.report.lag == 9 && status.report.behindSince == start)
        status.reached(SequenceNumber(8), now: start + .seconds(2))
        #expect(status.report.lag == 1 && status.report.behindSince == start)
        status.reached(SequenceNumber(9), now: start + .seconds(3))
        #expect(status.report.lag == 0 && status.report.behindSince == nil)
        #expect(status.lostContact(now: start + .seconds(4)))
        #expect(!status.lostContact(now: start + .seconds(5)))
        #expect(status.report.unreachableSince == start + .seconds(4))
        #expect(status.contact(end: SequenceNumber(9), now: start + .seconds(6)))
    }

    @Test("a write has no chance while the primary is away or silent, or nothing can be taken in here; else it has")
    func obstacles() {
        let now = NIODeadline.now()
        var report = FollowStatus.Report()
        #expect(FollowerSink.obstacle(report, now: now) == nil)
        report.lastContact = now - .seconds(3)
        report.unreachableSince = now - .seconds(2)
        #expect(FollowerSink.obstacle(report, now: now) == nil)
        report.unreachableSince = now - .seconds(4)
        #expect(FollowerSink.obstacle(report, now: now) != nil)
        // Frozen: its connections stand, and nothing comes.
        report.unreachableSince = nil
        report.lastContact = now - .seconds(5)
        #expect(FollowerSink.obstacle(report, now: now) != nil)
        report.lastContact = now
        report.stall = FollowStatus.Stall(reason: "no room", isForGood: false)
        #expect(FollowerSink.obstacle(report, now: now) != nil)
    }

    @Test("what stops following is told once, and goes when it may")
    func stalls() {
        let status = FollowStatus()
        let short = FollowStatus.Stall(reason: "no room", isForGood: false)
        let failed = FollowStatus.Stall(reason: "the log has failed", isForGood: true)
        #expect(!status.goesOn())
        #expect(status.stalled(short) && !status.stalled(short))
        #expect(status.goesOn() && status.report.stall == nil)
        #expect(status.stalled(short) && status.stalled(failed) && !status.stalled(short))
        #expect(!status.goesOn() && status.report.stall == failed)
    }

    @Test("whoever comes and goes without end gets few lines in this node's log")
    func fewLines() {
        let status = FollowStatus()
        let start = NIODeadline.now()
        let said = (0..<1_200).filter { status.maySay(now: start + .milliseconds(50 * Int64($0))) }.count
        #expect(said <= 16 && said >= 10)
    }

    @Test("an upload holds a mebibyte of proposals, or one")
    func uploadSize() throws {
        let json = RawJSON(
            trusted: Array((#"{"message":{"t":""# + String(repeating: "x", count: 400_000) + #""}}"#).utf8)
        )
        let proposals = (UInt64(1)...6).map { number in
            let message = MessagePosted(
                uuid: UUID128(random: number, 3),
                user: UserName("ada"),
                addressing: Addressing(channel: ChannelName("lobby"), only: [], except: []),
                keepsOutOfHistory: false,
                timestamp: nil,
                content: Content(salt: Salt(high: 1, low: number), json: json)
            )
            let event = Event(
                time: Timestamp(microseconds: 7),
                source: Proposals.node,
                payload: .messagePosted(message)
            )
            return Proposal(id: ProposalID(node: Proposals.node, epoch: 1, number: number), events: [event])
        }
        let upload = ProposalUpload(
            node: Proposals.node,
            epoch: 1,
            committed: 0,
            position: .start,
            alive: [],
            proposals: proposals
        )
        #expect(try ProposalUpload(reading: upload.text).proposals.map(\.id.number) == [1, 2, 3])
    }

    @Test("a bell that rang since one looked does not let one wait")
    func bell() async {
        let bell = Doorbell()
        let rings = bell.rings
        bell.ring()
        await bell.wait(after: rings, timeout: .hours(1))
        async let waiting: Void = bell.wait(after: bell.rings, timeout: .hours(1))
        // Rings until the waiter, which may come before or after, has heard one.
        let ringing = Task {
            while !Task.isCancelled {
                bell.ring()
                await Task.yield()
            }
        }
        await waiting
        ringing.cancel()
        await bell.wait(after: bell.rings, timeout: .nanoseconds(1))
    }

    @Test("a command that the follower's state refuses is tried again with what the primary knew")
    func triesAgain() async {
        let hub = ScriptedHub([.refused, .attached])
        let watch = CommitWatch()
        let sink = FollowerSink(hub: hub, status: FollowStatus(), committed: watch) { .start }
        let reply = await sink.submit(.disconnect(UUID128(random: 1, 1)))
        guard case .attached = reply else {
            Issue.record("the second answer counts, not \(reply)")
            return
        }
        #expect(hub.count == 2)
    }

    @Test("where the primary does not answer, the refusal stands; and after a while commands are refused at once")
    func refuses() async {
        struct Gone: Error {}
        let status = FollowStatus()
        let hub = ScriptedHub([.refused, .json([]), .json([])])
        let sink = FollowerSink(hub: hub, status: status, committed: CommitWatch()) { throw Gone() }
        guard case .refused = await sink.submit(.disconnect(UUID128(random: 1, 1))) else {
            Issue.record("the first answer counts")
            return
        }
        _ = status.lostContact(now: .now() - .minutes(1))
        guard case .unavailable = await sink.submit(.postMessages([])) else {
            Issue.record("a write is refused")
            return
        }
        guard case .json = await sink.ask(.info(nil)) else {
            Issue.record("a read is answered")
            return
        }
        #expect(hub.count == 2)
    }
}

/// Answers one command after the other as the test says.
private final class ScriptedHub: CommandSink {
    private let replies: Mutex<[Reply]>
    private let asked = Mutex(0)

    init(_ replies: [Reply]) {
        self.replies = Mutex(replies)
    }

    var count: Int { self.asked.withLock { $0 } }

    func hand(_ request: HubRequest, reply: @escaping @Sendable (Reply) -> Void) {
        self.asked.withLock { $0 += 1 }
        reply(self.replies.withLock { $0.removeFirst() })
    }
}
