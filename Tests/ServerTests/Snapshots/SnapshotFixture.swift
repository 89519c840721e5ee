import EventLog
import LogValues
import Logging
import Projections
import RawJSON
import Synchronization
import SystemPackage
import TestSupport

@testable import Archive
@testable import Hub

/// A log of some hundred events on a disk in memory, with checkpoints that say what is true.
struct SnapshotFixture {
    static let logID = "0123456789abcdef0011223344556677"

    let disk: FaultyFileSystem
    let logs = RecordedLogs()

    init(seed: UInt64 = 1, eventCount: Int = 300, segmentSizeBytes: Int = 20_000) throws {
        var settings = SampleLog.Settings()
        settings.seed = seed
        settings.eventCount = eventCount
        settings.segmentSizeBytes = segmentSizeBytes
        settings.durability = .always
        let disk = FaultyFileSystem()
        try SampleLog.write(to: TestLog.directory, settings, fileSystem: disk)
        self.disk = disk
    }

    init(_ disk: FaultyFileSystem) {
        self.disk = disk
    }

    var reader: LogReader { LogReader(TestLog.directory, fileSystem: self.disk) }
    var store: SnapshotStore { SnapshotStore(in: TestLog.directory, fileSystem: self.disk) }
    var maker: SnapshotMaker { SnapshotMaker(store: self.store, reader: self.reader, logID: Self.logID) { 0 } }

    var end: UInt64 {
        get throws {
            var end: UInt64 = 0
            try self.reader.forEachLine { end = $0.sequenceNumber.rawValue }
            return end
        }
    }

    var firstLine: SequenceNumber {
        get throws { try SegmentCatalog(TestLog.directory, fileSystem: self.disk).firstLine }
    }

    var note: DropNote? {
        get throws { try DropNote.read(in: TestLog.directory, fileSystem: self.disk) }
    }

    /// Makes a snapshot from what the log holds up to a line.
    @discardableResult
    func make(through end: UInt64) throws -> SnapshotMaker.Made? {
        try self.maker.make(through: SequenceNumber(end)) {
        } passOver: { name, error in
            self.logs.add("\(name): \(error)")
        }
    }

    /// Starts as the server does.
    func restore() throws -> StateRestoration.Result {
        let restoration = StateRestoration(
            store: self.store,
            reader: self.reader,
            logID: Self.logID,
            end: try self.end,
            logger: self.logs.logger
        )
        return try restoration.run {
        } progress: { _, _ in
        }
    }

    /// What a replay of all lines gives.
    func replayed() throws -> LogReplay {
        var replay = LogReplay()
        try replay.run(self.reader) { _ in }
        return replay
    }

    func keeper(
        interval: UInt64,
        retention: RetentionLimits = RetentionLimits(),
        newest: SnapshotName? = nil,
        clock: any HubClock = FixedClock()
    ) throws -> SnapshotKeeper {
        var settings = SnapshotSettings()
        settings.interval = interval
        settings.retention = retention
        let end = try self.end
        return SnapshotKeeper(
            reader: self.reader,
            logID: Self.logID,
            settings: settings,
            newest: newest,
            clock: clock,
            logger: self.logs.logger
        ) { end == 0 ? nil : SequenceNumber(end) }
    }

    /// The sizes that the log's checkpoints are about.
    func checkpointSizes() throws -> [UInt64] {
        var sizes: [UInt64] = []
        var decoder = EventDecoder()
        try self.reader.forEachLine { line in
            if case .logCheckpointed(let checkpoint) = try decoder.decode(line.bytes).event.payload {
                sizes.append(checkpoint.size)
            }
        }
        return sizes
    }
}

struct FixedClock: HubClock {
    var now = Timestamp(microseconds: 1_895_000_000_000_000)
    var elapsed = Duration.zero
}

/// Two clocks that are moved by hand.
final class MovingClock: HubClock {
    private let time: Mutex<(wall: Int64, elapsed: Duration)>

    init(now: Int64 = 1_895_000_000_000_000) {
        self.time = Mutex((now, .zero))
    }

    var now: Timestamp { Timestamp(microseconds: self.time.withLock { $0.wall }) }
    var elapsed: Duration { self.time.withLock { $0.elapsed } }

    func advance(_ duration: Duration) {
        self.time.withLock { time in
            time.wall += duration.components.seconds * 1_000_000
            time.elapsed += duration
        }
    }

    /// What the wall clock does when it is set.
    func jump(_ duration: Duration) {
        self.time.withLock { $0.wall += duration.components.seconds * 1_000_000 }
    }
}

/// The lines of a state's snapshot, which say all of it.
func snapshotLines(of state: HubState) -> [String] {
    var state = state
    var lines: [String] = []
    state.writeSnapshot { lines.append(String(decoding: $0, as: UTF8.self)) }
    return lines
}

/// What was logged, as "level message reason".
final class RecordedLogs: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { self.lines.withLock { $0 } }

    func add(_ line: String) { self.lines.withLock { $0.append(line) } }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(logs: self) }
    }

    private struct Handler: LogHandler {
        let logs: RecordedLogs
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let reason = event.metadata?["reason"].map { " \($0)" } ?? ""
            self.logs.add("\(event.level) \(event.message)\(reason)")
        }
    }
}
