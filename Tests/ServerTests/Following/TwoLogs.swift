import EventLog
import Foundation
import LogValues
import Logging
import NIOCore
import NIOPosix
import Projections
import RawJSON
import Server
import Synchronization
import SystemPackage

@testable import Following
@testable import Hub

/// A primary's log and a follower's, each in a directory of its own, and what goes between them without a network.
final class TwoLogs {
    static let logID = "0123456789abcdef0011223344556677"

    let root: FilePath
    let key: NodeKey
    let record: FollowRecord
    private(set) var primary: LocalSequencer
    private(set) var remote: RemoteSequencer
    private(set) var intake: LogIntake
    /// Bytes that the follower's disk takes, as it is told.
    let room = Room()
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private var number: UInt64 = 0

    final class Room: Sendable {
        let bytes = Mutex<UInt64?>(nil)
    }

    init() throws {
        self.root = FilePath(NSTemporaryDirectory()).appending("channelstream-two-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: self.root.string, withIntermediateDirectories: true)
        self.key = try NodeKey(origin: "channelstream/\(Self.logID)", seed: Array(repeating: 7, count: 32))
        self.record = FollowRecord(url: "http://primary", keys: [])
        (self.primary, _) = try Self.open(self.root.appending("primary"))
        (self.remote, self.intake) = try Self.follow(self.root, self.record, self.room, self.group)
    }

    deinit {
        try? self.group.syncShutdownGracefully()
        try? FileManager.default.removeItem(atPath: self.root.string)
    }

    private static func open(_ directory: FilePath) throws -> (LocalSequencer, Frontier) {
        var configuration = EventLogConfiguration()
        configuration.durability = .os
        configuration.segmentSizeBytes = 4_000
        configuration.makeLogID = { (0x0123_4567_89AB_CDEF, 0x0011_2233_4455_6677) }
        let (log, report) = try EventLog.open(directory, configuration: configuration)
        return (LocalSequencer(over: log), report.frontier)
    }

    private static func follow(
        _ root: FilePath,
        _ record: FollowRecord,
        _ room: Room,
        _ group: any EventLoopGroup
    ) throws -> (RemoteSequencer, LogIntake) {
        let directory = root.appending("follower")
        let (local, tree) = try Self.open(directory)
        let remote = RemoteSequencer(over: local, node: NodeName("two"))
        let intake = try LogIntake(
            on: group.next(),
            directory: directory,
            logID: Self.logID,
            tree: tree,
            record: try FollowRecord.read(in: directory) ?? record,
            sequencer: remote,
            status: FollowStatus(),
            erasure: FollowedErasure(begin: { _ throws(FollowError) in }, finish: { _ in }),
            room: { room.bytes.withLock { $0 } },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        return (remote, intake)
    }

    /// Ends the follower as a stop does, and starts it again.
    func restartFollower() throws {
        self.remote.close()
        (self.remote, self.intake) = try Self.follow(self.root, self.record, self.room, self.group)
    }

    /// Ends the primary and puts another history in its place.
    func replacePrimary() throws {
        self.primary.close()
        try FileManager.default.removeItem(atPath: self.root.appending("primary").string)
        (self.primary, _) = try Self.open(self.root.appending("primary"))
        self.number = 0
    }

    /// Lets the primary write lines, and waits for them.
    func write(_ count: Int, saying text: String = "") async {
        for _ in 0..<count {
            self.number += 1
            let payload: Event.Payload =
                self.number == 1
                ? .nodeStarted(NodeStarted(epoch: 1, version: "1", afterCrash: false))
                : .channelForgotten(ChannelForgotten(channel: ChannelName("c\(self.number)\(text)")))
            let event = Event(time: Timestamp(microseconds: 1), source: NodeName("one"), payload: payload)
            let id = ProposalID(node: NodeName("one"), epoch: 1, number: self.number)
            self.primary.propose([Proposal(id: id, events: [event])])
            // Now and then, so that there are several commits, and so several segments.
            guard self.number % 20 == 0 else { continue }
            _ = await self.primary.committed.wait(for: SequenceNumber(self.number), timeout: .seconds(10))
        }
        _ = await self.primary.committed.wait(for: SequenceNumber(self.number), timeout: .seconds(10))
    }

    /// What the primary says of itself.
    func overview(signedBy key: NodeKey? = nil) throws -> LogOverview? {
        guard let latest = self.primary.committed.latest else { return nil }
        let key = key ?? self.key
        let entries = try SegmentShipment(self.root.appending("primary")).entries(through: latest.end)
        return LogOverview(
            logID: Self.logID,
            node: "one",
            end: latest.end.line,
            key: key.verifierKey.text,
            checkpoint: String(decoding: key.sign(size: latest.tree.size, root: latest.tree.root).bytes, as: UTF8.self),
            maxBodySize: 1 << 20,
            segments: entries.map { LogOverview.Segment(name: $0.name, size: $0.size, isSealed: $0.isSealed) }
        )
    }

    /// Ships everything there is, in parts of `partSize` bytes, of which `limit` at most.
    func ship(partSize: Int, limit: Int = .max) async throws {
        guard let overview = try self.overview(), let end = self.primary.committed.latest?.end else { return }
        try await self.intake.meet(overview)
        guard let name = overview.segment(holding: await self.intake.next) else { return }
        try await self.intake.begin(name)
        let shipment = SegmentShipment(self.root.appending("primary"))
        var count = 0
        while let (segment, offset) = await self.intake.wanted, count < limit,
            let entry = try shipment.entry(segment, through: end)
        {
            count += 1
            guard offset <= entry.size else {
                try await self.intake.startOver(nil)
                continue
            }
            let bytes = try shipment.bytes(of: entry, from: offset, limit: partSize)
            let isEnd = entry.isSealed && offset + UInt64(bytes.count) >= entry.size
            if bytes.isEmpty, !isEnd { break }
            try await self.intake.take(ByteBuffer(bytes: bytes), isEnd: isEnd)
        }
    }

    /// The lines of a log, as text.
    func lines(of node: String) throws -> [String] {
        var lines: [String] = []
        try LogReader(self.root.appending(node)).forEachLine { lines.append(String(decoding: $0.bytes, as: UTF8.self)) }
        return lines
    }

    /// The follower's lines, once as many are committed as the primary has.
    func followedLines() async throws -> [String] {
        _ = await self.remote.local.committed.wait(for: self.primary.end ?? .start, timeout: .seconds(10))
        return try self.lines(of: "follower")
    }
}
