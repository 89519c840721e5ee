import LogValues
import Projections
import RawJSON
import Testing

@testable import Hub

@Suite("Answers of the backend endpoints")
struct AnswerWriterTests {
    @Test("a posted message is answered with everything that was accepted")
    func posted() throws {
        var builder = StateBuilder()
        try builder.post("room", 1, content: #"{"message":{"text":"hi"},"x":[1]}"#)
        try builder.post(nil, 2, content: nil, only: ["bob"])
        #expect(
            try JSONValue(written { AcceptedMessageWriter.write(builder.events, into: &$0) })
                == JSONValue(
                    #"""
                    [{"uuid": "00000000-0000-0000-0000-000000000001", "timestamp": "2026-11-23T23:10:00", "user": "ann",
                      "channel": "room", "message": {"text": "hi"}, "x": [1], "pm_users": [], "exclude_users": [],
                      "no_history": false, "edited": null},
                     {"uuid": "00000000-0000-0000-0000-000000000002", "timestamp": "2026-11-23T23:10:01", "user": "ann",
                      "channel": null, "pm_users": ["bob"], "exclude_users": [], "no_history": false, "edited": null}]
                    """#
                )
        )
    }

    @Test("a posted message is answered with its type where the caller sent one")
    func postedWithType() throws {
        var builder = StateBuilder()
        try builder.post("room", 1, content: nil)
        try builder.post("room", 2, content: nil)
        let messages = written { AcceptedMessageWriter.write(builder.events, namingType: [1], into: &$0) }
            .split(separator: "},{")
        #expect(messages.map { $0.contains(#""type":"message""#) } == [false, true])
    }

    @Test("an edit is answered with what was given and the defaults, a deletion with the defaults")
    func editedAndDeleted() throws {
        var builder = StateBuilder()
        try builder.edit("room", 1, content: #"{"message":{"text":"new"}}"#, user: "bob")
        builder.apply(
            .messageDeleted(
                MessageDeleted(
                    uuid: UUID128(high: 0, low: 1),
                    addressing: .to("room", except: ["x"]),
                    keepsOutOfHistory: true
                )
            )
        )
        #expect(
            try JSONValue(written { AcceptedMessageWriter.write(builder.events, into: &$0) })
                == JSONValue(
                    #"""
                    [{"uuid": "00000000-0000-0000-0000-000000000001", "channel": "room", "user": "bob",
                      "message": {"text": "new"}, "edited": "2026-11-23T23:10:00", "pm_users": [], "exclude_users": [],
                      "no_history": false},
                     {"uuid": "00000000-0000-0000-0000-000000000001", "channel": "room", "pm_users": [],
                      "exclude_users": ["x"], "no_history": true}]
                    """#
                )
        )
    }

    @Test("a connection is answered with its user's state and its channels")
    func connected() throws {
        var builder = StateBuilder()
        try builder.connect("bob", 1, channels: ["a"])
        try builder.connect("ann", 2, channels: ["a", "b"], state: #"{"p":1,"q":null,"r":2}"#, publicKeys: ["p"])
        var options = InfoOptions()
        options.excluded = [ChannelName("b")]
        options.publicStateOnly = true
        let reply = try JSONValue(
            written {
                ConnectReplyWriter.write(
                    builder.state,
                    connection: ConnectionID(high: 0, low: 2),
                    options: options,
                    into: &$0
                )
            }
        )
        let channel = try #require(builder.state.channel(ChannelName("a")))
        #expect(
            try reply
                == JSONValue(
                    #"""
                    {"conn_id": "00000000-0000-0000-0000-000000000002", "username": "ann", "state": {"p": 1, "r": 2},
                     "public_state": {"p": 1}, "channels": ["a", "b"],
                     "channels_info": {"channels": {"a": {
                        "uuid": "\#(channel.uuid)", "name": "a", "long_name": null, "history": [],
                        "settings": {"notify_presence": false, "store_history": false, "history_size": 10,
                          "broadcast_presence_with_user_lists": false, "notify_state": false, "store_frames": true},
                        "last_active": "2026-11-23T23:10:01", "total_connections": 2, "total_users": 2,
                        "users": ["ann", "bob"]}},
                       "users": [{"user": "ann", "state": {"p": 1}}, {"user": "bob", "state": {}}]}}
                    """#
                )
        )
    }

    @Test("a subscription is answered with all channels of the connection, and those that changed")
    func subscribed() throws {
        var builder = StateBuilder()
        try builder.connect("ann", 1, channels: ["a", "b"])
        var options = InfoOptions()
        options.excluded = [ChannelName("a"), ChannelName("b")]
        let connection = ConnectionID(high: 0, low: 1)
        let changed = [ChannelName("b")]
        #expect(
            written {
                SubscriptionReplyWriter.writeSubscribed(
                    builder.state,
                    connection: connection,
                    changed: changed,
                    options: options,
                    into: &$0
                )
            } == #"{"channels":["a","b"],"channels_info":{"channels":{},"users":[]},"subscribed_to":["b"]}"#
        )
        #expect(
            written {
                SubscriptionReplyWriter.writeUnsubscribed(
                    builder.state,
                    connection: connection,
                    changed: [],
                    options: options,
                    into: &$0
                )
            } == #"{"channels":["a","b"],"channels_info":{"channels":{},"users":[]},"unsubscribed_from":[]}"#
        )
    }

    @Test("a change of state is answered with the whole state and what changed")
    func userState() throws {
        var builder = StateBuilder()
        try builder.connect("ann", 1, state: #"{"a":1,"b":"x"}"#, publicKeys: ["a", "none"])
        #expect(
            written {
                UserStateReplyWriter.write(
                    builder.state,
                    user: UserName("ann"),
                    changed: [Array("b".utf8)],
                    into: &$0
                )
            } == #"{"user_state":{"a":1,"b":"x"},"changed_state":[{"key":"b","value":"x"}],"public_keys":["a","none"]}"#
        )
    }

    @Test("a history entry is the accepted message, or what it was edited to, as a frame with its receivers")
    func history() throws {
        var builder = StateBuilder()
        builder.configure("room") { $0.storesHistory = true }
        try builder.post("room", 1, content: #"{"message":{"text":"old"},"x":1}"#, only: ["bob"])
        try builder.edit("room", 1, content: #"{"message":{"text":"new"}}"#)
        let info = written {
            ChannelsInfoWriter.write(builder.state, channels: nil, options: InfoOptions(), into: &$0)
        }
        #expect(
            info.contains(
                #""history":[{"uuid":"00000000-0000-0000-0000-000000000001","timestamp":"2026-11-23T23:10:01","#
                    + #""user":"ann","channel":"room","x":1,"message":{"text":"new"},"pm_users":["bob"],"#
                    + #""exclude_users":[],"no_history":false,"type":"message","edited":"2026-11-23T23:10:02","#
                    + #""catchup":false}]"#
            )
        )
    }

    @Test("info shows what is asked for: all channels sorted, some, none, with or without history and users")
    func infoOptions() throws {
        var builder = StateBuilder()
        builder.configure("b") { $0.storesHistory = true }
        try builder.connect("ann", 1, channels: ["a", "b"])
        try builder.post("b", 1, content: nil)
        let info = { (channels: [String]?, change: (inout InfoOptions) -> Void) in
            var options = InfoOptions()
            change(&options)
            return written {
                ChannelsInfoWriter.write(
                    builder.state,
                    channels: channels?.map { ChannelName($0) },
                    options: options,
                    into: &$0
                )
            }
        }
        #expect(info([]) { _ in } == #"{"channels":{},"users":[]}"#)
        #expect(info(["none"]) { _ in } == #"{"channels":{},"users":[]}"#)
        #expect(info(nil) { _ in }.hasPrefix(#"{"channels":{"a":{"#))
        #expect(info(["b"]) { $0.includesHistory = false }.contains(#""history":[],"#))
        #expect(info(["b"]) { _ in }.contains(#""history":[{"#))
        let withoutUsers = info(["a"]) { $0.includesUsers = false }
        #expect(withoutUsers.contains(#""total_connections":1,"total_users":0,"users":[]"#))
        #expect(withoutUsers.hasSuffix(#""users":[]}"#))
    }

    @Test("the admin page's figures count users with a connection apart from those that are remembered")
    func adminInfo() throws {
        var builder = StateBuilder()
        try builder.connect("ann", 1, channels: ["a"], state: #"{"p":1,"q":2}"#, publicKeys: ["p"])
        try builder.connect("ann", 2, channels: ["a"])
        try builder.connect("bob", 3)
        builder.apply(
            .connectionClosed(
                ConnectionClosed(
                    seed: UUID128(high: 3, low: 3),
                    connection: ConnectionID(high: 0, low: 3),
                    reason: .disconnect
                )
            )
        )
        try builder.post("a", 1, content: nil)
        let text = written {
            AdminInfoWriter.write(builder.state, uptime: .seconds(93_784), version: "1.2.3", into: &$0)
        }
        #expect(
            text.hasPrefix(
                #"{"version":"1.2.3","uptime":"1 day, 2:03:04","remembered_user_count":2,"unique_user_count":1,"#
                    + #""total_connections":2,"total_channels":1,"total_messages":2,"total_unique_messages":1,"channels":{"a":{"#
            )
        )
        let ann = try #require(builder.state.user(UserName("ann")))
        #expect(
            text.hasSuffix(
                #""users":[{"state":{},"user":"ann","uuid":"\#(ann.uuid)","connections":"#
                    + #"["00000000-0000-0000-0000-000000000001","00000000-0000-0000-0000-000000000002"]}]}"#
            )
        )
    }

    @Test(
        "uptime reads as Python writes it",
        arguments: [
            (0, "0:00:00"), (59, "0:00:59"), (3_661, "1:01:01"), (86_399, "23:59:59"), (86_400, "1 day, 0:00:00"),
            (1_000_000, "11 days, 13:46:40"), (-5, "0:00:00"),
        ]
    )
    func uptime(seconds: Int, text: String) {
        #expect(UptimeText.text(.seconds(seconds)) == text)
    }
}
