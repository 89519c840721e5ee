import LogValues
import Projections
import RawJSON

/// What events cost: as lines, in the reducer, and in the state that they leave.
func reducerBenchmarks() throws {
    if Benchmark.runs("event.") { try eventBenchmarks() }
    if Benchmark.runs("reducer.") { applyBenchmarks() }
    if Benchmark.runs("digest.channels") || Benchmark.runs("digest.gather") { channelDigestBenchmarks() }
    if Benchmark.runs("digest.users") || Benchmark.runs("state.") { userDigestBenchmarks() }
    if Benchmark.runs("snapshot.") { try snapshotBenchmarks() }
}

// MARK: - Lines

private func eventBenchmarks() throws {
    let events = (0..<20_000).map { Fixture.message($0, channel: $0 % 100) }
    let lines = events.enumerated().map { Fixture.line(of: $1, number: $0 + 1) }
    let size = lines.reduce(0) { $0 + $1.count } / lines.count
    try Benchmark.rate("event.decode", of: "events", settings: "message.posted, \(size) bytes a line") {
        var decoder = EventDecoder()
        for line in lines {
            _ = try decoder.decode(line)
        }
        return lines.count
    }
    Benchmark.rate("event.encode", of: "events", settings: "message.posted, head of the line only") {
        var buffer: [UInt8] = []
        for event in events {
            buffer.removeAll(keepingCapacity: true)
            event.appendHead(to: &buffer)
        }
        return events.count
    }
    try Benchmark.rate("event.decode-and-apply", of: "events", settings: "message.posted, 100 channels, frames kept") {
        var decoder = EventDecoder()
        var state = Fixture.state(channels: 100, connectionsEach: 10)
        var changes: [Change] = []
        for line in lines {
            let read = try decoder.decode(line)
            changes.removeAll(keepingCapacity: true)
            _ = state.apply(read.event, at: Fixture.next(state), into: &changes)
        }
        return lines.count
    }
}

// MARK: - Applying

private func applyBenchmarks() {
    let messages = (0..<20_000).map { Fixture.message($0, channel: $0 % 100) }
    var settings = ChannelSettings()
    settings.storesHistory = true
    for (name, storesHistory) in [("reducer.messages", false), ("reducer.messages-with-history", true)] {
        var state = Fixture.state(
            channels: 100,
            connectionsEach: 100,
            settings: storesHistory ? settings : ChannelSettings()
        )
        Benchmark.rate(name, of: "events", settings: "100 channels of 100 connections, frames kept") {
            Fixture.apply(messages, to: &state)
            return messages.count
        }
    }
    var wide = Fixture.state(channels: 100_000, connectionsEach: 0)
    let scattered = (0..<20_000).map { Fixture.message($0, channel: $0 &* 7919 % 100_000) }
    Benchmark.rate("reducer.messages-scattered", of: "events", settings: "100,000 channels, frames kept") {
        Fixture.apply(scattered, to: &wide)
        return scattered.count
    }
    var loud = ChannelSettings()
    loud.notifyPresence = true
    var crowd = Fixture.state(channels: 1, connectionsEach: 10_000, settings: loud)
    Benchmark.rate("reducer.join-and-part", of: "events", settings: "a channel of 10,000, presence announced") {
        for index in 0..<2_000 {
            let id = Fixture.uuid(9_000_000 + index)
            Fixture.apply([Fixture.connect(id, user: 900_000 + index, channels: [0], settings: loud)], to: &crowd)
            Fixture.apply([Fixture.close(id)], to: &crowd)
        }
        return 4_000
    }
}

// MARK: - The state as a whole

private func channelDigestBenchmarks() {
    var settings = ChannelSettings()
    settings.storesHistory = true
    var state = Fixture.state(channels: 100_000, connectionsEach: 0, settings: settings)
    // The thousand that will change are full.
    Fixture.apply((0..<100_000).map { Fixture.message($0, channel: $0 % 1_000) }, to: &state)
    _ = state.digest()
    let messages = (0..<10_000).map { Fixture.message($0, channel: $0 % 1_000) }
    // The round's own copy would make the first write to each channel a copy: the state goes from round to round instead.
    Benchmark.duration("digest.channels-1000-of-100000", settings: "10,000 messages since, 100 frames each") {
        Fixture.apply(messages, to: &state)
    } _: { (_: inout Void) in
        _ = state.digest()
    }
    // What the hub does of it: the rest is for another thread.
    var gathered: DigestTask?
    Benchmark.duration("digest.gather-1000-of-100000", settings: "10,000 messages since, 100 frames each") {
        if var task = exchange(&gathered, with: nil) {
            _ = task.run()
            state.endDigest(task)
        }
        Fixture.apply(messages, to: &state)
    } _: { (_: inout Void) in
        state.beginDigest()
        gathered = state.gatherDigest(limit: .max)
    }
}

private func userDigestBenchmarks() {
    var users = HubState()
    Fixture.apply((0..<1_000_000).map { Fixture.connect(Fixture.uuid($0), user: $0, channels: []) }, to: &users)
    _ = users.digest()
    Benchmark.duration("digest.users-1000-of-1000000", settings: "1,000 connections attached since") {
        Fixture.apply((0..<1_000).map { Fixture.attach(Fixture.uuid($0 &* 997)) }, to: &users)
    } _: { (_: inout Void) in
        _ = users.digest()
    }
    Benchmark.duration("state.copied", settings: "1,000,000 users; the first event after it") {
        users
    } _: { copy in
        Fixture.apply([Fixture.attach(Fixture.uuid(1))], to: &users)
        withExtendedLifetime(copy) {}
    }
}

private func snapshotBenchmarks() throws {
    var settings = ChannelSettings()
    settings.storesHistory = true
    var state = Fixture.state(channels: 1_000, connectionsEach: 10, settings: settings)
    Fixture.apply((0..<100_000).map { Fixture.message($0, channel: $0 % 1_000) }, to: &state)
    var lines: [[UInt8]] = []
    state.writeSnapshot { lines.append(Array($0)) }
    let size = lines.reduce(0) { $0 + $1.count }
    Benchmark.throughput("snapshot.write", settings: "1,000 channels of 100 frames, digest known") {
        state.writeSnapshot { _ in }
        return size
    }
    try Benchmark.throughput("snapshot.read", settings: "1,000 channels of 100 frames, digest checked") {
        var reader = SnapshotReader()
        for line in lines {
            try reader.read(line.span)
        }
        _ = try reader.finish()
        return size
    }
}

// MARK: - Events to measure with

private enum Fixture {
    private static let node = NodeName("node-1")
    private static let text = RawJSON(trusted: Array(#"{"message":{"text":"how are you all doing today?"}}"#.utf8))

    static func uuid(_ number: Int) -> UUID128 {
        UUID128(random: UInt64(number) &* 0x9E37_79B9_7F4A_7C15, UInt64(number) &* 0xBF58_476D_1CE4_E5B9)
    }

    static func channel(_ number: Int) -> ChannelName { ChannelName("room-\(number)") }
    static func user(_ number: Int) -> UserName { UserName("user-\(number)") }

    static func event(_ payload: Event.Payload) -> Event {
        Event(time: Timestamp(microseconds: 1_795_475_411_123_456), source: self.node, payload: payload)
    }

    static func message(_ number: Int, channel: Int) -> Event {
        self.event(
            .messagePosted(
                MessagePosted(
                    uuid: self.uuid(number),
                    user: self.user(number % 1_000),
                    addressing: Addressing(channel: self.channel(channel), only: [], except: []),
                    keepsOutOfHistory: false,
                    timestamp: nil,
                    content: Content(salt: Salt(high: UInt64(number), low: 1), json: self.text)
                )
            )
        )
    }

    static func connect(
        _ id: ConnectionID,
        user: Int,
        channels: [Int],
        settings: ChannelSettings = ChannelSettings()
    ) -> Event {
        self.event(
            .userConnected(
                UserConnected(
                    seed: id,
                    connection: id,
                    user: self.user(user),
                    channels: channels.map { ChannelSeed(name: self.channel($0), settings: settings) },
                    publicKeys: [],
                    content: nil
                )
            )
        )
    }

    static func close(_ id: ConnectionID) -> Event {
        self.event(.connectionClosed(ConnectionClosed(seed: id, connection: id, reason: .disconnect)))
    }

    static func attach(_ id: ConnectionID) -> Event {
        self.event(.connectionAttached(ConnectionAttached(connection: id, transport: .webSocket)))
    }

    static func state(
        channels: Int,
        connectionsEach: Int,
        settings: ChannelSettings = ChannelSettings()
    ) -> HubState {
        var state = HubState()
        for number in 0..<channels {
            let configured = ChannelConfigured(
                seed: self.uuid(number),
                channel: self.channel(number),
                settings: settings
            )
            self.apply([self.event(.channelConfigured(configured))], to: &state)
            for connection in 0..<connectionsEach {
                let id = number * connectionsEach + connection
                self.apply([self.connect(self.uuid(id), user: id, channels: [number])], to: &state)
            }
        }
        return state
    }

    static func next(_ state: HubState) -> SequenceNumber { SequenceNumber(state.position.rawValue + 1) }

    static func apply(_ events: [Event], to state: inout HubState) {
        var changes: [Change] = []
        for event in events {
            changes.removeAll(keepingCapacity: true)
            _ = state.apply(event, at: self.next(state), into: &changes)
        }
    }

    static func line(of event: Event, number: Int) -> [UInt8] {
        var bytes = Array("{\"seq\":\(number),".utf8)
        event.appendHead(to: &bytes)
        return bytes + Array(",\"salt\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"content\":".utf8) + self.text.bytes
            + Array("}".utf8)
    }
}
