import LogValues
import Projections
import RawJSON
import Testing

@testable import Hub
@testable import Server

@Suite("Bodies")
struct BodyTests {
    private static let uuid = "11111111-2222-4333-8444-555555555555"

    @Test("the smallest connect")
    func smallestConnect() {
        #expect(decode(ConnectBody.self, #"{"username": "u"}"#).value == Command.Connect(user: UserName("u")))
    }

    @Test("every field of a connect")
    func everyFieldOfConnect() throws {
        let json = #"""
            {"username": "u", "conn_id": "{11111111-2222-4333-8444-555555555555}", "channels": ["b", "a", "b"],
             "fresh_user_state": {"f": 1}, "user_state": { "s": null, "t": 1.0 }, "state_public_keys": ["s", "x"],
             "channel_configs": {"a": {"history_size": "3", "store_history": "on"}},
             "info": {"include_history": 0, "include_users": "f", "exclude_channels": ["b"], "return_public_state": true}}
            """#
        var settings = ChannelSettings()
        settings.historySize = 3
        settings.storesHistory = true
        var info = InfoOptions()
        info.excluded = [ChannelName("b")]
        info.includesHistory = false
        info.includesUsers = false
        info.publicStateOnly = true
        let connect = try #require(decode(ConnectBody.self, json).value)
        #expect(connect.connection?.description == Self.uuid)
        #expect(connect.channels == [ChannelName("b"), ChannelName("a")])
        #expect(connect.channelSettings == [ChannelName("a"): settings])
        #expect(connect.freshState?.text == #"{"f":1}"#)
        #expect(connect.state?.text == #"{"s":null,"t":1.0}"#)
        #expect(connect.publicKeys == [Array("s".utf8), Array("x".utf8)])
        #expect(connect.info == info)
    }

    @Test("the connection of a subscription may come from the query, but the body counts")
    func queryConnection() throws {
        let other = Array("99999999-2222-4333-8444-555555555555".utf8)
        let fromQuery = try #require(try self.subscription(#"{"channels": ["c"]}"#, query: other))
        #expect(fromQuery.connection.description == "99999999-2222-4333-8444-555555555555")
        let fromBody = try #require(
            try self.subscription(#"{"channels": ["c"], "conn_id": "\#(Self.uuid)"}"#, query: other)
        )
        #expect(fromBody.connection.description == Self.uuid)
        #expect(try self.subscription(#"{"channels": ["c"], "conn_id": null}"#, query: other) == nil)
        #expect(try self.subscription(#"{"channels": ["c"]}"#, query: Array("x".utf8)) == nil)
    }

    private func subscription(_ json: String, query: [UInt8]) throws -> Command.Subscription? {
        let draft = try #require(decode(SubscriptionBody.self, json).value)
        return try? draft.finish(queryConnection: query).get()
    }

    @Test("public keys: null keeps them, a list replaces them")
    func publicKeys() throws {
        let keys = { (json: String) in decode(UserStateBody.self, json).value.map(\.publicKeys) }
        #expect(keys(#"{"user": "u"}"#) == .some(nil))
        #expect(keys(#"{"user": "u", "state_public_keys": null}"#) == .some(nil))
        #expect(keys(#"{"user": "u", "state_public_keys": []}"#) == [])
        #expect(keys(#"{"user": "u", "state_public_keys": ["k"]}"#) == [Array("k".utf8)])
    }

    @Test("what a schema does not know is passed over, inside as well, whatever it is")
    func unknownFields() throws {
        let extra = #""salvageable": {"a": [1, null]}, "conn": 7"#
        let connect = #"{"username": "u", "info": {\#(extra)}, "channel_configs": {"c": {\#(extra)}}, \#(extra)}"#
        #expect(decode(ConnectBody.self, connect).value?.channelSettings == [ChannelName("c"): ChannelSettings()])
        let subscription = #"{"channels": ["c"], "conn_id": "\#(Self.uuid)", "info": {\#(extra)}, \#(extra)}"#
        #expect(try self.subscription(subscription, query: []) != nil)
        #expect(decode(UserStateBody.self, #"{"user": "u", "conn_id": "x", \#(extra)}"#).value != nil)
        #expect(decode(ChannelConfigBody.self, #"{"a": {"salvageable": true}}"#).value?.count == 1)
        #expect(decode(InfoBody.self, #"{"info": {\#(extra)}, \#(extra)}"#).value != nil)
        let posted =
            #"[{"uuid": "\#(Self.uuid)", "user": 5, "channel": "c", "message": {"t": 1}, "timestamp": "?", "type": 1}]"#
        #expect(decodeList(MessageDeleteBody.self, posted).value?.count == 1)
    }

    @Test("settings left out have their defaults; of a channel that is there twice the last counts")
    func channelConfig() throws {
        let json = #"{"b": {}, "a": {"store_frames": false}, "b": {"notify_state": true}}"#
        let seeds = try #require(decode(ChannelConfigBody.self, json).value)
        #expect(seeds.map(\.name) == [ChannelName("b"), ChannelName("a")])
        #expect(seeds.map(\.settings.notifyState) == [true, false])
        #expect(seeds.map(\.settings.storesFrames) == [true, false])
        #expect(seeds.map(\.settings.historySize) == [10, 10])
    }

    @Test("no channels chosen is not the same as all of them")
    func infoChannels() {
        #expect(decode(InfoBody.self, #"{"info": {}}"#).value?.channels == .some(nil))
        #expect(decode(InfoBody.self, #"{"info": {"channels": []}}"#).value?.channels == [])
    }
}
