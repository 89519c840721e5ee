import Archive
import EventLog
import Foundation
import LogValues
import Projections
import RawJSON
import SystemPackage

/// How long a start takes: opening a long log, replaying it, and starting from a snapshot.
///
/// `CHANNELSTREAM_BENCHMARK_EVENTS` says how long the log is (1,000,000 events; it is kept in the temporary directory
/// and used again), and `CHANNELSTREAM_BENCHMARK_STATE` how many users stay known to the hub (10,000).
func startUpBenchmarks() throws {
    let log = LongLog(
        eventCount: LongLog.number("CHANNELSTREAM_BENCHMARK_EVENTS", default: 1_000_000),
        userCount: LongLog.number("CHANNELSTREAM_BENCHMARK_STATE", default: 10_000)
    )
    try log.makeIfMissing()
    let settings = "\(log.eventCount) events, \(log.userCount) users, \(LongLog.channelCount) channels"
    let reader = LogReader(log.directory)

    try Rounds.rate("start-up.read-lines", settings) {
        try reader.forEachLine { _ in }
        return log.eventCount
    }
    try Rounds.rate("start-up.decode", settings) {
        var decoder = EventDecoder()
        try reader.forEachLine { _ = try decoder.decode($0.bytes) }
        return log.eventCount
    }
    try Rounds.rate("start-up.replay", settings) {
        var replay = LogReplay()
        try replay.run(reader) { _ in }
        return Int(replay.eventCount)
    }
    try Rounds.seconds("start-up.open", settings) {
        let (opened, _) = try EventLog.open(log.directory)
        opened.close()
    }
    let store = SnapshotStore(in: log.directory)
    try Rounds.seconds("start-up.make-snapshot", settings) {
        try store.removeAll(butNewest: 0)
        try StartUp.makeSnapshot(log.directory)
    }
    if Benchmark.runs("start-up.with-snapshot"), try store.names().isEmpty { try StartUp.makeSnapshot(log.directory) }
    try Rounds.seconds("start-up.with-snapshot", "\(settings); opening included") {
        let replayed = try StartUp.restore(log.directory)
        precondition(replayed < 300_000, "the snapshot was used")
    }
}

/// Few rounds of what takes seconds.
private enum Rounds {
    private static let count = 3

    static func rate(_ name: String, _ settings: String, _ body: () throws -> Int) rethrows {
        guard Benchmark.runs(name) else { return }
        var count = 0
        let times = try self.times { count = try body() }
        self.print(name, times.map { Double(count) / 1e3 / $0 }, unit: "k events/s", settings)
    }

    static func seconds(_ name: String, _ settings: String, _ body: () throws -> Void) rethrows {
        guard Benchmark.runs(name) else { return }
        self.print(name, try self.times(body), unit: "s", settings)
    }

    private static func times(_ body: () throws -> Void) rethrows -> [Double] {
        let clock = ContinuousClock()
        var times: [Double] = []
        for _ in 0..<self.count { times.append(try clock.measure(body) / .seconds(1)) }
        return times
    }

    private static func print(_ name: String, _ figures: [Double], unit: String, _ settings: String) {
        Benchmark.record(name, figures.sorted(), unit: unit, settings: settings, allocations: nil)
    }
}

/// A log like that of a hub with many channels: mostly messages, some edits, people who come and go, checkpoints.
private struct LongLog {
    static let channelCount = 1000
    private static let batchCount = 200

    let eventCount: Int
    let userCount: Int

    var directory: FilePath {
        FilePath(NSTemporaryDirectory()).appending("channelstream-benchmark-\(self.eventCount)-\(self.userCount)")
    }

    static func number(_ variable: String, default number: Int) -> Int {
        ProcessInfo.processInfo.environment[variable].flatMap(Int.init) ?? number
    }

    func makeIfMissing() throws {
        guard try SegmentCatalog(self.directory).segments.isEmpty else { return }
        print("writing \(self.eventCount) events to \(self.directory)")
        var configuration = EventLogConfiguration()
        configuration.durability = .os
        let reports = Reports()
        let (log, _) = try EventLog.open(self.directory, configuration: configuration)
        log.attach { reports.add($0) }
        var writer = LongLogWriter(log: log, reports: reports, userCount: self.userCount)
        try writer.run(self.eventCount)
        log.close()
    }
}

/// How far the log has come.
///
/// `@unchecked Sendable` is right: `last` is touched under the lock only.
private final class Reports: @unchecked Sendable {
    private let lock = NSCondition()
    private var last: Commit?

    func add(_ report: CommitReport) {
        guard case .committed(let commit) = report else { return }
        self.lock.withLock { self.last = commit }
        self.lock.broadcast()
    }

    func wait(for line: UInt64) -> Frontier {
        self.lock.lock()
        defer { self.lock.unlock() }
        while self.last?.last.rawValue ?? 0 < line { self.lock.wait() }
        return self.last?.frontier ?? Frontier()
    }
}

private struct LongLogWriter {
    let log: EventLog
    let reports: Reports
    let userCount: Int
    private var state = HubState()
    private var changes: [Change] = []
    private var batch = LineBatch()
    private var line: UInt64 = 0
    private var random: UInt64 = 88_172_645_463_325_252
    private var time: Int64 = 1_795_475_411_000_000

    init(log: EventLog, reports: Reports, userCount: Int) {
        self.log = log
        self.reports = reports
        self.userCount = userCount
    }

    mutating func run(_ count: Int) throws {
        while self.line < UInt64(count) - 1 {
            self.append(self.next())
            if self.batch.count >= 100 { self.flush() }
            if self.line % 10_000 == 9_000 { self.checkpoint() }
        }
        self.checkpoint()
        self.flush()
        _ = self.reports.wait(for: self.line)
    }

    private mutating func append(_ payload: Event.Payload) {
        self.time += 250
        let event = Event(time: Timestamp(microseconds: self.time), source: NodeName("node-1"), payload: payload)
        let content = event.content.flatMap { content in
            content.plain.map {
                LineContent(
                    salt: Salt(high: $0.salt.high, low: $0.salt.low),
                    bytes: $0.json.bytes,
                    commit: content.commit
                )
            }
        }
        self.batch.append(content: content) { event.appendHead(to: &$0) }
        self.line += 1
        self.changes.removeAll(keepingCapacity: true)
        _ = self.state.apply(event, at: SequenceNumber(self.line), into: &self.changes)
    }

    private mutating func flush() {
        guard !self.batch.isEmpty else { return }
        self.log.append(self.batch)
        self.batch = LineBatch()
    }

    private mutating func checkpoint() {
        self.flush()
        let tree = self.reports.wait(for: self.line)
        let checkpoint = LogCheckpointed(
            size: tree.size,
            root: tree.root,
            stateDigest: self.state.digest(),
            note: nil
        )
        self.append(.logCheckpointed(checkpoint))
    }

    // MARK: Events

    private mutating func next() -> Event.Payload {
        let user = UserName("user-\(self.draw(self.userCount))")
        let channel = ChannelName("room-\(self.draw(LongLog.channelCount))")
        if self.line < UInt64(2 * self.userCount) || self.draw(100) < 4 {
            return .userConnected(
                UserConnected(
                    seed: self.uuid(),
                    connection: UUID128(random: UInt64(self.draw(self.userCount)), 7),
                    user: user,
                    channels: [ChannelSeed(name: channel, settings: self.settings())],
                    publicKeys: [],
                    content: nil
                )
            )
        }
        return .messagePosted(
            MessagePosted(
                uuid: self.uuid(),
                user: user,
                addressing: Addressing(channel: channel, only: [], except: []),
                keepsOutOfHistory: false,
                timestamp: nil,
                content: Content(
                    salt: Salt(high: self.bits(), low: self.bits()),
                    json: RawJSON(trusted: self.text())
                )
            )
        )
    }

    private func settings() -> ChannelSettings {
        var settings = ChannelSettings()
        settings.storesHistory = true
        return settings
    }

    private mutating func text() -> [UInt8] {
        let words = ["shall", "we", "meet", "at", "the", "harbour", "at", "eight", "or", "later", "aye", "see", "you"]
        let text = (0..<(3 + self.draw(9))).map { _ in words[self.draw(words.count)] }.joined(separator: " ")
        return Array("{\"message\":{\"text\":\"\(text)\"}}".utf8)
    }

    private mutating func uuid() -> UUID128 { UUID128(random: self.bits(), self.bits()) }

    private mutating func draw(_ count: Int) -> Int { Int(self.bits() % UInt64(count)) }

    /// Xorshift: the same log every time.
    private mutating func bits() -> UInt64 {
        self.random ^= self.random << 13
        self.random ^= self.random >> 7
        self.random ^= self.random << 17
        return self.random
    }
}
