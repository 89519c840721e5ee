import EventLog
import Foundation
import HTTPTypes
import LogValues
import Logging
import NIOCore
import NIOPosix
import Projections
import RawJSON
import Synchronization
import SystemPackage
import Testing

@testable import Archive
@testable import Hub
@testable import Server
@testable import Web

/// A hub over a log in a directory of its own, with the endpoint that erases.
final class ErasureFixture: Sendable {
    static let secret = "qZ7xK2mW9vB4nR8t"
    /// Of secret `secret`, value `channelstream`, time 1500000000.
    static let signature = "channelstream.WWgvAA.Wdn9UOS97QKLAj0-ZwyNwflAM1s"

    let directory: FilePath
    let hub: Hub
    let sequencer: LocalSequencer
    let changes = FeedRecorder()
    private let router: Router
    private let gate = LogGate()
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    init(isAdministrator: Bool = false) async throws {
        self.directory = FilePath(NSTemporaryDirectory()).appending("erasure-\(UUID().uuidString)")
        var configuration = EventLogConfiguration()
        configuration.segmentSizeBytes = 2000
        configuration.durability = .os
        let (directory, settings) = (self.directory, configuration)
        let (opened, report) = try EventLog.open(directory, configuration: settings)
        self.sequencer = LocalSequencer(over: opened)
        var replay = LogReplay(into: HubState())
        try replay.run(LogReader(directory)) { _ in }
        self.hub = Hub(
            state: replay.state,
            sequencer: self.sequencer,
            fanOut: self.changes,
            settings: Hub.Settings(node: NodeName("node-1"), version: "test"),
            eventLoop: self.group.next(),
            clock: SystemHubClock(),
            entropy: .system,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let log = OpenLog(
            directory: directory,
            logID: report.logID,
            key: try NodeKey(origin: "test", seed: Array(1...32)),
            sequencer: self.sequencer
        )
        var api = APISettings()
        api.secret = "secret"
        api.validatesAge = false
        let eraser = Eraser(
            gate: self.gate,
            sink: self.hub,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        self.router = Router(
            [EraseEndpoint(eraser: eraser, maximumDepth: 200).endpoint],
            settings: api,
            isSignedIn: { _ in isAdministrator },
            now: 1_500_000_000
        )
        await self.hub.start(listenersHadSeen: .start)
        self.gate.open(log)
    }

    /// Stops as a server does, and removes the directory.
    func end() async throws {
        await self.stop()
        try self.remove()
    }

    func stop() async {
        await self.hub.stop(listenersBehind: [:])
        self.sequencer.close()
        try? await self.group.shutdownGracefully()
    }

    func remove() throws {
        try FileManager.default.removeItem(atPath: self.directory.string)
    }

    // MARK: What a backend does

    @discardableResult
    func post(_ text: String, by user: String = "alice", in channel: String = "room", uuid: UUID128? = nil) async
        -> Reply
    {
        await self.hub.submit(
            .postMessages([
                Command.PostMessage(
                    uuid: uuid,
                    user: UserName(user),
                    addressing: Addressing(channel: ChannelName(channel), only: [], except: []),
                    content: RawJSON(trusted: Array(#"{"message":{"text":"\#(text)"}}"#.utf8))
                )
            ])
        )
    }

    func edit(_ uuid: UUID128, _ text: String) async {
        _ = await self.hub.submit(
            .editMessages([
                Command.EditMessage(
                    uuid: uuid,
                    addressing: Addressing(channel: ChannelName("room"), only: [], except: []),
                    content: RawJSON(trusted: Array(#"{"message":{"text":"\#(text)"}}"#.utf8))
                )
            ])
        )
    }

    func connect(_ user: String, state: String) async {
        var connect = Command.Connect(user: UserName(user), channels: [ChannelName("room")])
        var settings = ChannelSettings()
        settings.storesHistory = true
        settings.notifyPresence = true
        connect.channelSettings = [ChannelName("room"): settings]
        connect.state = RawJSON(trusted: Array(state.utf8))
        connect.publicKeys = [Array("mood".utf8)]
        _ = await self.hub.submit(.connect(connect))
    }

    /// `POST /admin/erase` by a backend.
    func erase(_ body: String, headers: HTTPFields = [.channelstreamSecret: ErasureFixture.signature]) async
        -> APIResponse
    {
        var request = APIRequest(
            method: .post,
            target: "/admin/erase",
            authority: "hub.example:8000",
            headers: headers,
            remote: IPAddress("127.0.0.1")
        )
        request.body = ByteBuffer(string: body)
        return await self.router.respond(to: request)
    }

    // MARK: What is there

    /// What `POST /info` says.
    func info() async -> String {
        guard case .json(let bytes) = await self.hub.ask(.info(nil)) else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    func lines() throws -> [String] {
        var lines: [String] = []
        try LogReader(self.directory).forEachLine { lines.append(String(decoding: $0.bytes, as: UTF8.self)) }
        return lines
    }

    /// Files under the directory whose bytes, as they are or decompressed, hold the secret.
    func filesWithSecret() throws -> [String] {
        let root = URL(fileURLWithPath: self.directory.string)
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path)
        return try paths.filter { path in
            let file = root.appendingPathComponent(path)
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { return false }
            let bytes = try Data(contentsOf: file)
            return bytes.range(of: Data(Self.secret.utf8)) != nil
        } + (try self.lines().contains { $0.contains(Self.secret) } ? ["lines"] : [])
    }
}

/// Keeps the changes of the feed.
final class FeedRecorder: ChangeReceiver {
    private let box = Mutex<[Change]>([])

    func receive(_ batch: ChangeBatch) {
        self.box.withLock { $0 += batch.changes }
    }

    var changes: [Change] { self.box.withLock { $0 } }

    /// Messages that the feed says are deleted.
    var deletions: [UUID128] {
        self.changes.compactMap { change in
            if case .frame(let frame, _) = change, case .deletion(let deletion) = frame.kind {
                deletion.uuid
            } else {
                nil
            }
        }
    }
}
