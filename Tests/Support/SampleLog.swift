package import EventLog
package import LogValues
package import Projections
import RawJSON
package import SystemPackage

/// Writes a log as a hub would: an evening in a few channels, with checkpoints that say what is true.
///
/// Ids, salts and times come from a seed, so the same settings give the same lines.
package struct SampleLog {
    package struct Settings: Sendable {
        package var seed: UInt64 = 1
        package var eventCount = 300
        package var segmentSizeBytes = 20_000
        /// Events between checkpoints.
        package var checkpointInterval = 50
        /// Events of a commit at most.
        package var commitSize = 5
        package var isClosed = true
        package var durability = Durability.os
        package var leafRecording = EventLogConfiguration.LeafRecording.never
        /// Signs the checkpoints.
        package var key: NodeKey?
        /// Checkpoints, counted from 1, that the key signs.
        package var signedCheckpoints = 1...Int.max
        /// Checkpoints that are written at most.
        package var checkpointLimit = Int.max
        /// Which posted message, counted from 1, has another text of the same size than the seed gives.
        package var alteredMessage: Int?

        package init() {}
    }

    private let settings: Settings
    private let log: TestLog
    private var random: SeededGenerator
    private var state = HubState()
    private var time: Int64 = 1_795_460_400_000_000
    private var lineCount: UInt64 = 0
    private var connections: [(id: ConnectionID, user: UserName)] = []
    private var messages: [(uuid: UUID128, channel: ChannelName)] = []
    private var lastCheckpoint: UInt64 = 0
    private var checkpointCount = 0

    package static let source = NodeName("node-1")
    package static let channels = ["lobby", "football", "Übersetzung 🌍"].map { ChannelName($0) }
    package static let users = ["alice", "bob", "carol", "dave", "żółw"].map { UserName($0) }

    /// Writes a log under a directory that has none yet.
    ///
    /// - Returns: The digest of the state after the last line.
    @discardableResult
    package static func write(
        to directory: FilePath,
        _ settings: Settings = Settings(),
        fileSystem: any FileSystem = PosixFileSystem()
    ) throws -> Hash256 {
        var sample = try SampleLog(directory, settings, fileSystem)
        return sample.run()
    }

    private init(_ directory: FilePath, _ settings: Settings, _ fileSystem: any FileSystem) throws {
        self.settings = settings
        self.random = SeededGenerator(seed: settings.seed)
        var configuration = TestLog.configuration(
            segmentSizeBytes: settings.segmentSizeBytes,
            durability: settings.durability
        )
        configuration.leafRecording = settings.leafRecording
        self.log = try TestLog(fileSystem, configuration, directory: directory)
    }

    private mutating func run() -> Hash256 {
        self.commit([.nodeStarted(NodeStarted(epoch: 1, version: "0.1", afterCrash: false))])
        for channel in Self.channels {
            var settings = ChannelSettings()
            settings.storesHistory = true
            settings.notifyPresence = channel == Self.channels[0]
            self.commit([
                .channelConfigured(ChannelConfigured(seed: self.uuid(), channel: channel, settings: settings))
            ])
        }
        for user in Self.users.prefix(3) { self.commit([self.connect(user)]) }
        while self.lineCount < UInt64(self.settings.eventCount) {
            let count = Int.random(in: 1...self.settings.commitSize, using: &self.random)
            self.commit((0..<count).map { _ in self.next() })
            if self.lineCount - self.lastCheckpoint >= UInt64(self.settings.checkpointInterval) { self.checkpoint() }
        }
        if self.settings.isClosed {
            self.commit([.nodeStopped(NodeStopped(epoch: 1))])
            self.checkpoint()
            self.log.close()
        }
        return self.state.digest()
    }

    // MARK: Writing

    private mutating func commit(_ payloads: [Event.Payload]) {
        var batch = LineBatch()
        var changes: [Change] = []
        for payload in payloads {
            self.time += Int64.random(in: 1000...3_000_000, using: &self.random)
            let event = Event(time: Timestamp(microseconds: self.time), source: Self.source, payload: payload)
            let content = event.content.flatMap { content in
                content.plain.map { plain in
                    LineContent(
                        salt: plain.salt,
                        bytes: plain.json.bytes,
                        commit: content.commit
                    )
                }
            }
            batch.append(content: content) { event.appendHead(to: &$0) }
            self.lineCount += 1
            _ = self.state.apply(event, at: SequenceNumber(self.lineCount), into: &changes)
        }
        self.log.commit(batch)
    }

    /// What a hub writes about the moment before.
    private mutating func checkpoint() {
        guard let commit = self.log.commits.last, self.checkpointCount < self.settings.checkpointLimit else { return }
        self.lastCheckpoint = commit.treeSize
        self.checkpointCount += 1
        let isSigned = self.settings.signedCheckpoints.contains(self.checkpointCount)
        let note = isSigned ? self.settings.key?.sign(size: commit.treeSize, root: commit.root) : nil
        self.commit([
            .logCheckpointed(
                LogCheckpointed(
                    size: commit.treeSize,
                    root: commit.root,
                    stateDigest: self.state.digest(),
                    note: note.map { String(decoding: $0.bytes, as: UTF8.self) }
                )
            )
        ])
    }

    // MARK: Events

    private mutating func next() -> Event.Payload {
        switch Int.random(in: 0..<100, using: &self.random) {
        case 0..<70: self.post()
        case 70..<76: self.edit()
        case 76..<80: self.delete()
        case 80..<88: self.connect(Self.users[Int.random(in: 0..<Self.users.count, using: &self.random)])
        case 88..<93: self.changeState()
        default: self.closeConnection()
        }
    }

    private mutating func connect(_ user: UserName) -> Event.Payload {
        let id = self.uuid()
        self.connections.append((id, user))
        let channels = Self.channels.prefix(Int.random(in: 1...Self.channels.count, using: &self.random))
        return .userConnected(
            UserConnected(
                seed: self.uuid(),
                connection: id,
                user: user,
                channels: channels.map { ChannelSeed(name: $0, settings: ChannelSettings()) }.sorted {
                    $0.name < $1.name
                },
                publicKeys: [Array("mood".utf8)],
                content: self.content("{\"user_state\":{\"mood\":\"fine\"}}")
            )
        )
    }

    private mutating func closeConnection() -> Event.Payload {
        guard self.connections.count > 2 else { return self.post() }
        let index = Int.random(in: 0..<self.connections.count, using: &self.random)
        let connection = self.connections.remove(at: index)
        return .connectionClosed(ConnectionClosed(seed: self.uuid(), connection: connection.id, reason: .disconnect))
    }

    private mutating func post() -> Event.Payload {
        let channel = Self.channels[Int.random(in: 0..<Self.channels.count, using: &self.random)]
        let user = Self.users[Int.random(in: 0..<Self.users.count, using: &self.random)]
        let uuid = self.uuid()
        self.messages.append((uuid, channel))
        let words = ["ala", "ma", "kota", "gęślą", "jaźń", "goal!", "\\\"really\\\"", "why not", "see you at eight"]
        var text = (0..<Int.random(in: 1...12, using: &self.random)).map { _ in
            words[Int.random(in: 0..<words.count, using: &self.random)]
        }
        if self.messages.count == self.settings.alteredMessage {
            text[0] = String(repeating: "x", count: text[0].utf8.count)
        }
        return .messagePosted(
            MessagePosted(
                uuid: uuid,
                user: user,
                addressing: Addressing(channel: channel, only: [], except: []),
                keepsOutOfHistory: false,
                timestamp: nil,
                content: self.content("{\"message\":{\"text\":\"\(text.joined(separator: " "))\"}}")
            )
        )
    }

    private mutating func edit() -> Event.Payload {
        guard let message = self.messages.randomElement(using: &self.random) else { return self.post() }
        return .messageEdited(
            MessageEdited(
                uuid: message.uuid,
                addressing: Addressing(channel: message.channel, only: [], except: []),
                keepsOutOfHistory: false,
                user: nil,
                timestamp: nil,
                edited: nil,
                content: self.content("{\"message\":{\"text\":\"corrected\"}}")
            )
        )
    }

    private mutating func delete() -> Event.Payload {
        guard let message = self.messages.randomElement(using: &self.random) else { return self.post() }
        return .messageDeleted(
            MessageDeleted(
                uuid: message.uuid,
                addressing: Addressing(channel: message.channel, only: [], except: []),
                keepsOutOfHistory: false
            )
        )
    }

    private mutating func changeState() -> Event.Payload {
        let user = Self.users[Int.random(in: 0..<Self.users.count, using: &self.random)]
        return .userStateChanged(
            UserStateChanged(
                seed: self.uuid(),
                user: user,
                publicKeys: nil,
                content: self.content("{\"mood\":\"tired\"}")
            )
        )
    }

    private mutating func content(_ json: String) -> Content {
        Content(
            salt: Salt(high: self.random.next(), low: self.random.next()),
            json: RawJSON(trusted: Array(json.utf8))
        )
    }

    private mutating func uuid() -> UUID128 {
        UUID128(random: self.random.next(), self.random.next())
    }
}
