import LogValues
import Projections
import RawJSON
import TestSupport
import Testing

/// The lines stand here as they stand in logs: a change of one is a change of the format.
@Suite("Event lines")
struct EventCodingTests {
    private static let time = "2026-11-23T23:10:11.123456Z"
    private static let one = "00000000-0000-4000-8000-000000000001"
    private static let two = "00000000-0000-4000-8000-000000000002"
    private static let zeros = String(repeating: "A", count: 43)

    private static func event(_ payload: Event.Payload) throws -> Event {
        Event(time: try #require(Timestamp(logForm: self.time)), source: NodeName("node-1"), payload: payload)
    }

    private static func uuid(_ number: UInt64) -> UUID128 {
        UUID128(random: 0, number)
    }

    private static func settings(_ change: (inout ChannelSettings) -> Void) -> ChannelSettings {
        var settings = ChannelSettings()
        change(&settings)
        return settings
    }

    private static let content = Content(
        salt: Salt(high: 0, low: 0),
        json: RawJSON(trusted: Array(#"{"message":{"n":1.50}}"#.utf8))
    )

    /// Each type with as little as it can have, and with everything.
    static let golden: [(payload: Event.Payload, type: String, data: String)] = [
        (
            .nodeStarted(NodeStarted(epoch: 1, version: "1.0", afterCrash: false)), "node.started",
            #"{"epoch":1,"version":"1.0"}"#
        ),
        (
            .nodeStarted(NodeStarted(epoch: 2, version: "1.0", afterCrash: true, listenersHadSeen: SequenceNumber(9))),
            "node.started", #"{"epoch":2,"version":"1.0","after_crash":true,"position":9}"#
        ),
        (.nodeStopped(NodeStopped(epoch: 2)), "node.stopped", #"{"epoch":2}"#),
        (
            .userConnected(
                UserConnected(
                    seed: uuid(1),
                    connection: uuid(2),
                    user: UserName("ann"),
                    channels: [],
                    publicKeys: [],
                    content: nil
                )
            ), "user.connected",
            #"{"seed":"\#(one)","conn_id":"\#(two)","user":"ann"}"#
        ),
        (
            .userConnected(
                UserConnected(
                    seed: uuid(1),
                    connection: uuid(2),
                    user: UserName("a\"n\n"),
                    channels: [
                        ChannelSeed(name: ChannelName("a"), settings: ChannelSettings()),
                        ChannelSeed(
                            name: ChannelName("\u{e9}"),
                            settings: settings {
                                $0.notifyPresence = true
                                $0.broadcastsUserLists = true
                                $0.notifyState = true
                                $0.storesHistory = true
                                $0.historySize = 0
                                $0.storesFrames = false
                            }
                        ),
                    ],
                    publicKeys: [Array("k".utf8)],
                    content: content
                )
            ), "user.connected",
            #"{"seed":"\#(one)","conn_id":"\#(two)","user":"a\"n\n","channels":{"a":{},"\#u{e9}":{"notify_presence":"#
                + #"true,"broadcast_presence_with_user_lists":true,"notify_state":true,"store_history":true,"#
                + #""history_size":0,"store_frames":false}},"public_keys":["k"]}"#
        ),
        (
            .connectionSubscribed(
                ConnectionSubscribed(
                    seed: uuid(1),
                    connection: uuid(2),
                    channels: [ChannelSeed(name: ChannelName("a"), settings: ChannelSettings())]
                )
            ), "connection.subscribed",
            #"{"seed":"\#(one)","conn_id":"\#(two)","channels":{"a":{}}}"#
        ),
        (
            .connectionUnsubscribed(
                ConnectionUnsubscribed(
                    seed: uuid(1),
                    connection: uuid(2),
                    channels: [ChannelName("a"), ChannelName("b")]
                )
            ), "connection.unsubscribed",
            #"{"seed":"\#(one)","conn_id":"\#(two)","channels":["a","b"]}"#
        ),
        (
            .connectionAttached(ConnectionAttached(connection: uuid(2), transport: .webSocket)), "connection.attached",
            #"{"conn_id":"\#(two)","transport":"websocket"}"#
        ),
        (
            .connectionDetached(ConnectionDetached(connection: uuid(2), position: SequenceNumber(17))),
            "connection.detached",
            #"{"conn_id":"\#(two)","position":17}"#
        ),
        (
            .connectionClosed(ConnectionClosed(seed: uuid(1), connection: uuid(2), reason: .nodeLost)),
            "connection.closed", #"{"seed":"\#(one)","conn_id":"\#(two)","reason":"node_lost"}"#
        ),
        (
            .userStateChanged(
                UserStateChanged(seed: uuid(1), user: UserName("ann"), publicKeys: nil, content: content)
            ),
            "user.state_changed", #"{"seed":"\#(one)","user":"ann"}"#
        ),
        (
            .userStateChanged(UserStateChanged(seed: uuid(1), user: UserName("ann"), publicKeys: [], content: nil)),
            "user.state_changed", #"{"seed":"\#(one)","user":"ann","public_keys":[]}"#
        ),
        (.userForgotten(UserForgotten(user: UserName("ann"))), "user.forgotten", #"{"user":"ann"}"#),
        (
            .channelConfigured(
                ChannelConfigured(seed: uuid(1), channel: ChannelName("a"), settings: ChannelSettings())
            ),
            "channel.configured", #"{"seed":"\#(one)","channel":"a"}"#
        ),
        (
            .channelConfigured(
                ChannelConfigured(
                    seed: uuid(1),
                    channel: ChannelName("a"),
                    settings: settings { $0.historySize = 50 }
                )
            ), "channel.configured",
            #"{"seed":"\#(one)","channel":"a","settings":{"history_size":50}}"#
        ),
        (.channelForgotten(ChannelForgotten(channel: ChannelName("a"))), "channel.forgotten", #"{"channel":"a"}"#),
        (
            .messagePosted(
                MessagePosted(
                    uuid: uuid(1),
                    user: UserName("ann"),
                    addressing: Addressing(channel: ChannelName("a"), only: [], except: []),
                    keepsOutOfHistory: false,
                    timestamp: nil,
                    content: content
                )
            ), "message.posted", #"{"uuid":"\#(one)","channel":"a","user":"ann"}"#
        ),
        (
            .messagePosted(
                MessagePosted(
                    uuid: uuid(1),
                    user: UserName("ann"),
                    addressing: Addressing(channel: nil, only: [UserName("b")], except: [UserName("c")]),
                    keepsOutOfHistory: true,
                    timestamp: Array("2020-01-02T03:04:05+02:00".utf8),
                    content: nil
                )
            ),
            "message.posted",
            #"{"uuid":"\#(one)","user":"ann","pm_users":["b"],"exclude_users":["c"],"no_history":true,"#
                + #""timestamp":"2020-01-02T03:04:05+02:00"}"#
        ),
        (
            .messageEdited(
                MessageEdited(
                    uuid: uuid(1),
                    addressing: Addressing(
                        channel: ChannelName("a"),
                        only: [],
                        except: []
                    ),
                    keepsOutOfHistory: false,
                    user: nil,
                    timestamp: nil,
                    edited: nil,
                    content: content
                )
            ),
            "message.edited", #"{"uuid":"\#(one)","channel":"a"}"#
        ),
        (
            .messageEdited(
                MessageEdited(
                    uuid: uuid(1),
                    addressing: Addressing(
                        channel: ChannelName("a"),
                        only: [],
                        except: []
                    ),
                    keepsOutOfHistory: false,
                    user: UserName("ann"),
                    timestamp: Array("t".utf8),
                    edited: Array("e".utf8),
                    content: Content(
                        salt: Salt(high: 0, low: 0),
                        json: RawJSON(trusted: Array(#"{"x":1}"#.utf8))
                    )
                )
            ),
            "message.edited",
            #"{"uuid":"\#(one)","channel":"a","user":"ann","timestamp":"t","edited":"e","keeps_message":true}"#
        ),
        (
            .messageDeleted(
                MessageDeleted(
                    uuid: uuid(1),
                    addressing: Addressing(
                        channel: nil,
                        only: [UserName("b")],
                        except: []
                    ),
                    keepsOutOfHistory: false
                )
            ), "message.deleted", #"{"uuid":"\#(one)","pm_users":["b"]}"#
        ),
        (
            .contentErased(
                ContentErased(
                    target: .user(UserName("b")),
                    lines: [SequenceNumber(3)],
                    orderedBy: "admin",
                    reason: "asked"
                )
            ),
            "content.erased", #"{"user":"b","lines":[3],"ordered_by":"admin","reason":"asked"}"#
        ),
        (
            .contentErased(
                ContentErased(
                    target: .message(uuid(1)),
                    lines: [SequenceNumber(3)],
                    orderedBy: "admin",
                    reason: "asked"
                )
            ),
            "content.erased", #"{"uuid":"\#(one)","lines":[3],"ordered_by":"admin","reason":"asked"}"#
        ),
        (
            .contentErased(
                ContentErased(
                    target: .channel(ChannelName("a")),
                    lines: [SequenceNumber(3)],
                    orderedBy: "admin",
                    reason: "asked"
                )
            ),
            "content.erased", #"{"channel":"a","lines":[3],"ordered_by":"admin","reason":"asked"}"#
        ),
        (
            .contentErased(
                ContentErased(lines: [SequenceNumber(3), SequenceNumber(5)], orderedBy: "admin", reason: "asked")
            ),
            "content.erased", #"{"lines":[3,5],"ordered_by":"admin","reason":"asked"}"#
        ),
        (
            .logKeyChanged(LogKeyChanged(key: "l+1+a", earlier: ["l+2+b"])),
            "log.key_changed", #"{"key":"l+1+a","earlier":["l+2+b"]}"#
        ),
        (.logKeyChanged(LogKeyChanged(key: "l+1+a", earlier: [])), "log.key_changed", #"{"key":"l+1+a"}"#),
        (
            .logDropped(
                LogDropped(
                    first: 1,
                    size: 10,
                    root: Hash256(words: (0, 0, 0, 0)),
                    rule: "retention_age",
                    limit: 60
                )
            ), "log.dropped",
            #"{"first":1,"size":10,"root":"\#(Hash256(words: (0, 0, 0, 0)))","reason":"retention_age","limit":60}"#
        ),
        (
            .logCheckpointed(
                LogCheckpointed(
                    size: 10,
                    root: Hash256(words: (0, 0, 0, 0)),
                    stateDigest: Hash256(words: (0, 0, 0, 0)),
                    note: "n\n"
                )
            ), "log.checkpointed",
            #"{"size":10,"root":"\#(zeros)","state":"\#(zeros)","note":"n\n"}"#
        ),
        (.unknown(type: Array("poll.opened".utf8)), "poll.opened", "{}"),
    ]

    @Test("every type has one spelling, without what is as usual", arguments: golden.indices)
    func heads(index: Int) throws {
        let (payload, type, data) = Self.golden[index]
        var bytes: [UInt8] = []
        try Self.event(payload).appendHead(to: &bytes)
        let head = #""time":"\#(Self.time)","type":"\#(type)","source":"node-1","data":\#(data)"#
        #expect(String(decoding: bytes, as: UTF8.self) == head)
    }

    @Test("and is read back, whole and in its redacted form", arguments: golden.indices, [false, true])
    func readBack(index: Int, hasMore: Bool) throws {
        let event = try Self.event(Self.golden[index].payload)
        var decoder = EventDecoder()
        let whole = try decoder.decode(line(of: event, at: SequenceNumber(17), hasMore: hasMore))
        #expect(whole == EventLine(position: SequenceNumber(17), hasMore: hasMore, event: event))
        let redacted = try decoder.decode(line(of: event, at: SequenceNumber(17), hasMore: hasMore, redacted: true))
        #expect(redacted == EventLine(position: SequenceNumber(17), hasMore: hasMore, event: event.redacted))
    }

    @Test("appending keeps what was there before")
    func appends() throws {
        var bytes = Array("{\"seq\":1,".utf8)
        try Self.event(.nodeStopped(NodeStopped(epoch: 1))).appendHead(to: &bytes)
        #expect(bytes.starts(with: Array("{\"seq\":1,\"time\":".utf8)))
    }

    @Test(
        "keys and types of later releases are skipped",
        arguments: [
            #"{"seq":1,"new":[{}],"time":"T","type":"node.stopped","source":"n","data":{"epoch":1,"more":{"a":[1]}}}"#,
            #"{"seq":1,"time":"T","type":"poll.opened","source":"n","data":[1,"x"],"other":null}"#,
            #"{"seq":1,"time":"T","type":"poll.opened","source":"n"}"#,
            #"{"seq":1,"time":"T","type":"node.stopped","data":{"epoch":1},"source":"n"}"#,
        ]
    )
    func laterReleases(text: String) throws {
        var decoder = EventDecoder()
        let read = try decoder.decode(Array(text.replacing("\"T\"", with: "\"\(Self.time)\"").utf8))
        #expect([NodeName("n")].contains(read.event.source))
    }

    @Test(
        "an error names the key",
        arguments: [
            (#"{"time":"T","type":"node.stopped","source":"n","data":{"epoch":1}}"#, .missing(key: "seq")),
            (#"{"seq":1,"type":"node.stopped","source":"n","data":{"epoch":1}}"#, .missing(key: "time")),
            (#"{"seq":1,"time":"T","source":"n","data":{"epoch":1}}"#, .missing(key: "type")),
            (#"{"seq":1,"time":"T","type":"node.stopped","data":{"epoch":1}}"#, .missing(key: "source")),
            (#"{"seq":1,"time":"T","type":"node.stopped","source":"n"}"#, .missing(key: "data")),
            (#"{"seq":1,"time":"T","type":"node.stopped","source":"n","data":{}}"#, .missing(key: "epoch")),
            (#"{"seq":1,"time":"T","type":"message.posted","source":"n","data":{"user":"a"}}"#, .missing(key: "uuid")),
            (
                #"{"seq":1,"time":"T","type":"user.state_changed","source":"n","data":{"seed":"U","user":"a"},"content":{}}"#,
                .missing(key: "salt")
            ),
            (#"{"seq":-1}"#, .unexpected(key: "seq", offset: 9)),
            (#"{"seq":1,"time":"yesterday"}"#, .unexpected(key: "time", offset: 27)),
            (#"{"seq":1,"data":{"uuid":"x"}}"#, .unexpected(key: "uuid", offset: 27)),
            (#"{"seq":1,"data":{"transport":"sse"}}"#, .unexpected(key: "transport", offset: 34)),
            (#"{"seq":1,"content":[]}"#, .unexpected(key: "content", offset: 21)),
            (#"{"seq":1,"commit":"short"}"#, .unexpected(key: "commit", offset: 25)),
            (#"{"seq":"1"}"#, .json(.expected(.integer, offset: 7))),
            (#"{"seq":1"#, .json(.unexpectedEnd(offset: 8))),
            (#"[]"#, .json(.expected(.object, offset: 0))),
            (#"{"seq":1} "#, .missing(key: "type")),
            (#"{"seq":1}x"#, .json(.trailingByte(UInt8(ascii: "x"), offset: 9))),
        ] as [(String, EventCodingError)]
    )
    func errors(text: String, error: EventCodingError) {
        let line = text.replacing("\"T\"", with: "\"\(Self.time)\"").replacing("\"U\"", with: "\"\(Self.one)\"")
        var decoder = EventDecoder()
        #expect(throws: error) {
            try decoder.decode(Array(line.utf8))
        }
    }

    @Test("a line that is cut or flipped anywhere is read or refused, and never traps", arguments: golden.indices)
    func damage(index: Int) throws {
        let event = try Self.event(Self.golden[index].payload)
        let whole = line(of: event, at: SequenceNumber(17))
        var decoder = EventDecoder()
        for size in whole.indices {
            #expect(throws: EventCodingError.self) { try decoder.decode(Array(whole.prefix(size))) }
            var flipped = whole
            flipped[size] ^= 1 << UInt8(size % 8)
            _ = try? decoder.decode(flipped)
        }
    }

    @Test("content is kept byte for byte, and white space in a line counts in its commitment")
    func verbatim() throws {
        let text =
            #"{"seq":1,"time":"T","type":"message.posted","source":"n","data":{"uuid":"U","user":"a"},"salt":"S","content":C}"#
            .replacing("\"T\"", with: "\"\(Self.time)\"").replacing("\"U\"", with: "\"\(Self.one)\"")
            .replacing("\"S\"", with: "\"AAAAAAAAAAAAAAAAAAAAAA\"")
        var decoder = EventDecoder()
        let compact = #"{"message":{"a":1.0,"a":1e400,"\u0061":"\/"}}"#
        let read = try decoder.decode(Array(text.replacing(":C}", with: ":\(compact)}").utf8))
        #expect(read.event.content?.plain?.json.bytes == Array(compact.utf8))
        #expect(
            read.event.content
                == Content(
                    salt: Salt(high: 0, low: 0),
                    json: RawJSON(trusted: Array(compact.utf8))
                )
        )
        let spaced = try decoder.decode(Array(text.replacing(":C}", with: ": {\"message\": {}}}").utf8))
        #expect(spaced.event.content?.plain?.json.bytes == Array(#"{"message":{}}"#.utf8))
        let committed = Content(
            salt: Salt(high: 0, low: 0),
            json: RawJSON(trusted: Array(#"{"message":{}}"#.utf8))
        )
        #expect(spaced.event.content?.commit != committed.commit)
    }
}
