import EventLog
import HTTPTypes
import LogValues
import Logging
import NIOCore
import NIOPosix
import Projections
import RawJSON
import Synchronization
import SystemPackage
import TestSupport

@testable import Archive
@testable import Hub
@testable import Server
@testable import Web

/// A hub with a log on a disk in memory, behind the HTTP API, with a clock that goes on by a second a call.
final class LookBackHub: Sendable {
    static let secret = "secret"
    private static let start: Int64 = 1_795_000_000_000_000

    let fileSystem: FaultyFileSystem
    let gate = LogGate()
    let clock = ManualClock(microseconds: LookBackHub.start)
    private let sequencer: LocalSequencer
    private let hub: Hub
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let router: Router

    /// Opens the log that is on a disk, or makes one there.
    init(
        on disk: Disk = Disk(),
        segmentSizeBytes: Int = 1 << 20,
        snapshots: @escaping SnapshotSource = { _, _ in nil },
        isOpen: Bool = true
    ) async throws {
        let fileSystem = FaultyFileSystem(disk)
        self.fileSystem = fileSystem
        let configuration = TestLog.configuration(segmentSizeBytes: segmentSizeBytes, frameSizeBytes: 1024)
        let (log, _) = try EventLog.open(TestLog.directory, configuration: configuration, fileSystem: fileSystem)
        self.sequencer = LocalSequencer(over: log)
        var replay = LogReplay(into: HubState())
        try replay.run(LogReader(TestLog.directory, fileSystem: fileSystem)) { _ in }
        var words = SeededGenerator(seed: self.sequencer.end?.rawValue ?? 0)
        let drawn = (0..<4096).map { _ in words.next() }
        self.hub = Hub(
            state: replay.state,
            sequencer: self.sequencer,
            fanOut: NoListeners(),
            settings: Hub.Settings(node: NodeName("node-1"), version: "1"),
            eventLoop: self.group.next(),
            clock: self.clock,
            entropy: EntropyPool { drawn },
            logger: HistoryLog.logger
        )
        var settings = APISettings()
        settings.validatesAge = false
        settings.secret = Secret(Self.secret)
        let clock = self.clock
        let lookBack = LookBack(gate: self.gate, now: { clock.now }, snapshots: snapshots)
        let anotherPart = Endpoint(.get, "/message/{uuid}/proof", for: .everybody) { (_, reply) throws(Refusal) in
            reply(.json(Array(#""another part""#.utf8)))
        }
        let hub = HubEndpoints(sink: self.hub, limits: settings.limits, lookBack: lookBack)
        self.router = Router(hub.all + lookBack.all + [anotherPart], settings: settings, now: 0)
        await self.hub.start(listenersHadSeen: .start)
        guard isOpen else { return }
        try self.openGate()
        try self.gate.log?.index.catchUp()
    }

    func openGate() throws {
        self.gate.open(
            OpenLog(
                directory: TestLog.directory,
                logID: "log",
                key: try NodeKey(origin: "test", seed: Array(1...32)),
                sequencer: self.sequencer,
                fileSystem: self.fileSystem,
                logger: HistoryLog.logger
            )
        )
    }

    var end: UInt64 { self.sequencer.end?.rawValue ?? 0 }

    /// Stops without the rest of a farewell; the disk stays as it is.
    func stop() async throws {
        await self.hub.stop(listenersBehind: [:])
        self.sequencer.close()
        try await self.group.shutdownGracefully()
    }

    // MARK: Calling

    struct Answer: Equatable, Sendable {
        let status: HTTPResponse.Status
        let text: String
        var headers: HTTPFields = [:]

        var json: JSONValue? { try? JSONValue(self.text) }
    }

    @discardableResult
    func call(
        _ method: HTTPRequest.Method,
        _ target: String,
        _ body: String = "",
        isSigned: Bool = true
    ) async -> Answer {
        self.clock.advance(microseconds: 1_000_001)
        var headers: HTTPFields = [:]
        if isSigned {
            headers[.channelstreamSecret] = TimestampSigner(secret: Self.secret).sign("x", at: 1_500_000_000)
        }
        var request = APIRequest(method: method, target: target, headers: headers, remote: nil)
        request.body = ByteBuffer(string: body)
        let response = await self.router.respond(to: request)
        return Answer(
            status: response.status,
            text: String(decoding: response.body.readableBytesView, as: UTF8.self),
            headers: response.headers
        )
    }

    func get(_ target: String) async -> Answer { await self.call(.get, target) }

    @discardableResult
    func post(_ uuid: Int, to channel: String, _ text: String) async -> Answer {
        let body =
            #"[{"user":"alice","channel":"\#(channel)","uuid":"\#(HistoryLog.uuid(uuid))","message":{"text":"\#(text)"},"#
            + #""mood":"n\#(uuid)"}]"#
        return await self.call(.post, "/message", body)
    }

    @discardableResult
    func edit(_ uuid: Int, in channel: String, _ text: String) async -> Answer {
        let body = #"[{"channel":"\#(channel)","uuid":"\#(HistoryLog.uuid(uuid))","message":{"text":"\#(text)"}}]"#
        return await self.call(.patch, "/message", body)
    }

    @discardableResult
    func delete(_ uuid: Int, in channel: String) async -> Answer {
        await self.call(.delete, "/message", #"[{"channel":"\#(channel)","uuid":"\#(HistoryLog.uuid(uuid))"}]"#)
    }
}

/// A clock that goes on when it is told to.
final class ManualClock: HubClock {
    private let microseconds: Mutex<Int64>

    init(microseconds: Int64) {
        self.microseconds = Mutex(microseconds)
    }

    func advance(microseconds: Int64) {
        self.microseconds.withLock { $0 += microseconds }
    }

    var now: Timestamp { Timestamp(microseconds: self.microseconds.withLock { $0 }) }
    var elapsed: Duration { .seconds(1) }
}

private struct NoListeners: ChangeReceiver {
    func receive(_ batch: ChangeBatch) {}
}
