import Archive
import EventLog
import Foundation
import HTTPTypes
import Hub
import LogValues
import Projections
import RawJSON
import Server
import Synchronization
import SystemPackage
import Web

/// What looking back costs, through the HTTP API's handler, on a log of a million events.
///
/// `CHANNELSTREAM_BENCHMARK_EVENTS=10000000` makes it ten million (1.5 GB in the temporary directory, removed at the
/// end). *Cold* is: the page cache holds nothing of the log and its index. *Fresh* is: nor does the process.
func historyBenchmarks() throws {
    guard Benchmark.runs("history.") else { return }
    let count = ProcessInfo.processInfo.environment["CHANNELSTREAM_BENCHMARK_EVENTS"].flatMap { Int($0) } ?? 1_000_000
    let log = try HistoryLog(eventCount: count)
    defer { log.remove() }
    let settings = "\(count) events, \(log.segmentCount) segments"
    let built = try log.built()
    Benchmark.report("history.index-build", [Double(count) / 1e3 / (built.time / .seconds(1))], "k events/s", settings)
    Benchmark.report("history.index-size", [built.bytesPerEvent], "bytes/event", settings)
    Benchmark.duration("history.start-fresh", settings: "\(settings), log and index opened") {
        log.dropCaches()
    } _: { (_: inout Void) in
        orStop { try log.open { _ in } }
    }
    Benchmark.duration("history.first-page-fresh", settings: "\(settings), log and index opened first") {
        log.dropCaches()
    } _: { (_: inout Void) in
        orStop { try log.open { $0.get("/channels/room-7/history") } }
    }
    try log.open { ready in
        for (name, path) in [
            ("first-page", "/channels/room-7/history"),
            ("first-page-of-old", "/channels/room-7/history?before=\(count / 2)"),
            ("from-the-start", "/channels/room-7/history?after=0"),
            ("one-a-segment", "/channels/rare/history"),
            ("first-page-as-of", "/channels/room-7/history?as_of=\(count / 3)"),
            ("lineage", "/message/\(HistoryLog.uuid(count / 4))/lineage"),
        ] {
            Benchmark.duration("history.\(name)", settings: settings) {
            } _: { (_: inout Void) in
                ready.get(path)
            }
            Benchmark.duration("history.\(name)-cold", settings: settings) {
                log.dropCaches()
            } _: { (_: inout Void) in
                ready.get(path)
            }
        }
    }
}

/// Ends the run at an error, since what fails would be measured as fast.
private func orStop(_ body: () throws -> Void) {
    do {
        try body()
    } catch {
        print("benchmark failed: \(error)")
        exit(1)
    }
}

/// A log of chat on disk: 1,000 channels of which each gets its share, one that gets one message a segment, one edit
/// or deletion in fifty.
private final class HistoryLog {
    private static let start: Int64 = 1_795_475_411_123_456
    private static let rareEvery = 200_000

    private let directory: FilePath
    private(set) var segmentCount = 0

    init(eventCount: Int) throws {
        let name = "channelstream-history-\(ProcessInfo.processInfo.processIdentifier)"
        self.directory = FilePath(NSTemporaryDirectory()).appending(name)
        var configuration = EventLogConfiguration()
        configuration.durability = .os
        let done = DispatchSemaphore(value: 0)
        let (log, _) = try EventLog.open(self.directory, configuration: configuration)
        log.attach { report in
            if case .committed(let commit) = report, commit.last.rawValue == UInt64(eventCount) { done.signal() }
        }
        for first in stride(from: 0, to: eventCount, by: 500) {
            var batch = LineBatch()
            for number in first..<min(first + 500, eventCount) { Self.append(number, to: &batch) }
            while log.pendingSizeBytes > 8 << 20 { usleep(500) }
            log.append(batch)
        }
        done.wait()
        log.close()
        sync()
        self.segmentCount = try SegmentCatalog(self.directory).segments.count
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: self.directory.string)
    }

    static func uuid(_ number: Int) -> UUID128 {
        UUID128(random: UInt64(number) &* 0x9E37_79B9_7F4A_7C15, UInt64(number) &* 0xBF58_476D_1CE4_E5B9)
    }

    private static func append(_ number: Int, to batch: inout LineBatch) {
        let isRare = number % self.rareEvery == 0
        let target = number % 50 == 49 ? max(0, number - 1 - number % 4_000) : number
        let addressing = Addressing(
            channel: ChannelName(isRare ? "rare" : "room-\(target &* 7919 % 1_000)"),
            only: [],
            except: []
        )
        let words = ["one", "two", "three", "four", "five", "six", "seven"]
        let text = (0..<8).map { words[(number &* 31 &+ $0 &* number) % 7] }.joined(separator: " ")
        let json = RawJSON(trusted: Array(#"{"message":{"text":"\#(text)"}}"#.utf8))
        let content = Content(salt: Salt(high: UInt64(number) &* 0x9E37_79B9_7F4A_7C15, low: 1), json: json)
        let payload: Event.Payload =
            number % 50 == 49
            ? .messageEdited(
                MessageEdited(
                    uuid: self.uuid(target),
                    addressing: addressing,
                    keepsOutOfHistory: false,
                    user: nil,
                    timestamp: nil,
                    edited: nil,
                    content: content
                )
            )
            : .messagePosted(
                MessagePosted(
                    uuid: self.uuid(number),
                    user: UserName("user-\(number % 500)"),
                    addressing: addressing,
                    keepsOutOfHistory: false,
                    timestamp: nil,
                    content: content
                )
            )
        let event = Event(
            time: Timestamp(microseconds: self.start + Int64(number) * 1_000),
            source: NodeName("node-1"),
            payload: payload
        )
        let line = LineContent(
            salt: Salt(high: UInt64(number) &* 0x9E37_79B9_7F4A_7C15, low: 1),
            bytes: json.bytes,
            commit: content.commit
        )
        batch.append(content: line) { event.appendHead(to: &$0) }
    }

    // MARK: What is measured

    /// Makes the index of the whole log.
    func built() throws -> (time: Duration, bytesPerEvent: Double) {
        self.dropCaches()
        let time = try ContinuousClock().measure { try self.open { _ in } }
        let folder = self.directory.appending("indexes").string
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        let size = try names.reduce(0) { size, name in
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
            return size + ((attributes[.size] as? Int) ?? 0)
        }
        let sealed = try SegmentCatalog(self.directory).segments.last?.base.rawValue ?? 1
        return (time, Double(size) / Double(max(1, sealed - 1)))
    }

    /// Opens log and index, as a start does but for the replay, and closes them again.
    func open(_ body: (ReadyHistory) throws -> Void) throws {
        let sequencer = LocalSequencer(over: try EventLog.open(self.directory).0)
        defer { sequencer.close() }
        let log = OpenLog(
            directory: self.directory,
            logID: "benchmark",
            key: try NodeKey(origin: "benchmark", seed: Array(1...32)),
            sequencer: sequencer
        )
        try log.index.catchUp()
        try body(ReadyHistory(log))
    }

    /// Takes the log's and the index's bytes out of the page cache.
    func dropCaches() {
        for folder in ["log", "indexes"] {
            let path = self.directory.appending(folder).string
            for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
                guard let file = FileHandle(forReadingAtPath: "\(path)/\(name)") else { continue }
                #if os(Linux)
                    posix_fadvise(file.fileDescriptor, 0, 0, POSIX_FADV_DONTNEED)
                #endif
                try? file.close()
            }
        }
    }
}

private struct UnexpectedStatus: Error {
    let status: HTTPResponse.Status
}

/// The endpoints of an open log.
private struct ReadyHistory {
    private let router: Router
    private let headers: HTTPFields

    init(_ log: OpenLog) {
        let gate = LogGate()
        gate.open(log)
        var settings = APISettings()
        settings.validatesAge = false
        let lookBack = LookBack(gate: gate, now: { .init(microseconds: .max) })
        self.router = Router(EndpointTable(lookBack.all), access: AccessControl(settings) { 0 }, settings: settings)
        let token = TimestampSigner(secret: settings.secret.revealed).sign("benchmark", at: 1_500_000_000)
        self.headers = HTTPField.Name("X-Channelstream-Secret").map { [$0: token] } ?? [:]
    }

    /// Asks, and waits for the answer.
    func get(_ target: String) {
        let done = DispatchSemaphore(value: 0)
        self.router.respond(to: APIRequest(method: .get, target: target, headers: self.headers)) { response in
            orStop { if response.status != .ok { throw UnexpectedStatus(status: response.status) } }
            done.signal()
        }
        done.wait()
    }
}
