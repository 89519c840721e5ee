import RawJSON
import Testing

@testable import Server

/// A body, and what is wrong with it as it is answered.
struct BadBody: Sendable, CustomTestStringConvertible {
    let body: String
    let errors: String

    init(_ body: String, _ errors: String) {
        self.body = body
        self.errors = errors
    }

    var testDescription: String { String(self.body.prefix(100)) }
}

@Suite("What is said about a bad body")
struct BodyErrorsTests {
    private static let length512 = "Length must be between 1 and 512."
    private static let length256 = "Length must be between 1 and 256."
    private static let notScalar = "Value is not type of string, integer, boolean or float."

    static let connectCases = [
        BadBody(#"{}"#, #"{"username": ["Missing data for required field."]}"#),
        BadBody(#"{"username": ""}"#, #"{"username": ["\#(length512)"]}"#),
        BadBody(#"{"username": "\#(String(repeating: "n", count: 513))"}"#, #"{"username": ["\#(length512)"]}"#),
        BadBody(#"{"username": 7}"#, #"{"username": ["Not a valid string."]}"#),
        BadBody(#"{"username": null}"#, #"{"username": ["Field may not be null."]}"#),
        BadBody(#"{"username": "u", "conn_id": "12345"}"#, #"{"conn_id": ["Not a valid UUID."]}"#),
        BadBody(#"{"username": "u", "conn_id": null}"#, #"{"conn_id": ["Field may not be null."]}"#),
        BadBody(#"{"username": "u", "channels": "news"}"#, #"{"channels": ["Not a valid list."]}"#),
        BadBody(
            #"{"username": "u", "channels": ["fine", "", 3]}"#,
            #"{"channels": {"1": ["\#(length256)"], "2": ["Not a valid string."]}}"#
        ),
        BadBody(
            #"{"username": "u", "state_public_keys": ["a", null]}"#,
            #"{"state_public_keys": {"1": ["Field may not be null."]}}"#
        ),
        BadBody(#"{"username": "u", "user_state": ["a"]}"#, #"{"user_state": ["Not a valid mapping type."]}"#),
        BadBody(
            #"{"username": "u", "user_state": {"a": 1, "b": [1], "c": {"d": 1}}}"#,
            #"{"user_state": {"b": {"value": ["\#(notScalar)"]}, "c": {"value": ["\#(notScalar)"]}}}"#
        ),
        BadBody(
            #"{"username": "u", "channel_configs": {"c": {"history_size": "many", "notify_state": "perhaps"}}}"#,
            #"{"channel_configs": {"c": {"value": {"history_size": ["Not a valid integer."], "#
                + #""notify_state": ["Not a valid boolean."]}}}}"#
        ),
        BadBody(
            #"{"username": "u", "channel_configs": {"c": 1, "d": null}}"#,
            #"{"channel_configs": {"c": {"value": {"_schema": ["Invalid input type."]}}, "#
                + #""d": {"value": ["Field may not be null."]}}}"#
        ),
        BadBody(#"{"username": "u", "info": null}"#, #"{"info": ["Field may not be null."]}"#),
        BadBody(
            #"{"username": "", "channels": 1, "conn_id": "x", "user_state": {"z": []}, "info": {"include_users": "?"}}"#,
            #"{"username": ["\#(length512)"], "channels": ["Not a valid list."], "conn_id": ["Not a valid UUID."], "#
                + #""user_state": {"z": {"value": ["\#(notScalar)"]}}, "#
                + #""info": {"include_users": ["Not a valid boolean."]}}"#
        ),
        BadBody(#"[]"#, #"{"_schema": ["Invalid input type."]}"#),
        BadBody(#""text""#, #"{"_schema": ["Invalid input type."]}"#),
        BadBody(#"12"#, #"{"_schema": ["Invalid input type."]}"#),
        BadBody(#"null"#, #"{"_schema": ["Invalid input type."]}"#),
    ]

    @Test("POST /connect", arguments: connectCases)
    func connect(bad: BadBody) throws {
        #expect(decode(ConnectBody.self, bad.body).errors == (try JSONValue(bad.errors)))
    }

    static let messageCases = [
        BadBody(
            #"[{"user": "a", "channel": "c"}, {"channel": "c", "uuid": "zz"}]"#,
            #"{"1": {"user": ["Missing data for required field."], "uuid": ["Not a valid UUID."]}}"#
        ),
        BadBody(
            #"[{"user": "b", "channel": "", "pm_users": "me", "message": "text"}]"#,
            #"{"0": {"channel": ["\#(length256)"], "pm_users": ["Not a valid list."], "#
                + #""message": ["Not a valid mapping type."]}}"#
        ),
        BadBody(
            #"[{"user": "u", "pm_users": [1, "fine", ""]}]"#,
            #"{"0": {"pm_users": {"0": ["Not a valid string."], "2": ["\#(length512)"]}}}"#
        ),
        BadBody(#"[{"user": "u", "pm_users": null}]"#, #"{"0": {"pm_users": ["Field may not be null."]}}"#),
        BadBody(#"[{"user": "u", "exclude_users": {"a": 1}}]"#, #"{"0": {"exclude_users": ["Not a valid list."]}}"#),
        BadBody(#"[{"user": "u", "no_history": "sometimes"}]"#, #"{"0": {"no_history": ["Not a valid boolean."]}}"#),
        BadBody(#"[{"user": "u", "no_history": null}]"#, #"{"0": {"no_history": ["Field may not be null."]}}"#),
        BadBody(#"[{"user": "u", "message": null}]"#, #"{"0": {"message": ["Field may not be null."]}}"#),
        BadBody(#"[{"user": "u", "timestamp": ""}]"#, #"{"0": {"timestamp": ["Not a valid datetime."]}}"#),
        BadBody(
            #"[null, [], 1]"#,
            #"{"0": {"_schema": ["Invalid input type."]}, "1": {"_schema": ["Invalid input type."]}, "#
                + #""2": {"_schema": ["Invalid input type."]}}"#
        ),
        BadBody(#"{"user": "a", "channel": "c"}"#, #"{"_schema": ["Invalid input type."]}"#),
        BadBody(#"null"#, #"{"_schema": ["Invalid input type."]}"#),
    ]

    @Test("POST /message", arguments: messageCases)
    func messages(bad: BadBody) throws {
        #expect(decodeList(MessageBody.self, bad.body).errors == (try JSONValue(bad.errors)))
    }

    @Test(
        "PATCH /message",
        arguments: [
            BadBody(#"[{"channel": "c"}]"#, #"{"0": {"uuid": ["Missing data for required field."]}}"#),
            BadBody(#"[{"uuid": null}]"#, #"{"0": {"uuid": ["Field may not be null."]}}"#),
            BadBody(
                #"[{"uuid": "11111111222243338444555555555555", "edited": "now", "user": ""}]"#,
                #"{"0": {"edited": ["Not a valid datetime."], "user": ["\#(length512)"]}}"#
            ),
            BadBody(#"{}"#, #"{"_schema": ["Invalid input type."]}"#),
        ]
    )
    func edits(bad: BadBody) throws {
        #expect(decodeList(MessageEditBody.self, bad.body).errors == (try JSONValue(bad.errors)))
    }

    @Test(
        "DELETE /message",
        arguments: [
            BadBody(#"[{"channel": "c"}]"#, #"{"0": {"uuid": ["Missing data for required field."]}}"#),
            BadBody(#"[{"uuid": 5, "message": {}}]"#, #"{"0": {"uuid": ["Not a valid UUID."]}}"#),
            BadBody(#""x""#, #"{"_schema": ["Invalid input type."]}"#),
        ]
    )
    func deletions(bad: BadBody) throws {
        #expect(decodeList(MessageDeleteBody.self, bad.body).errors == (try JSONValue(bad.errors)))
    }

    private static let known = "11111111-2222-4333-8444-555555555555"

    @Test(
        "POST /subscribe and /unsubscribe",
        arguments: [
            BadBody(
                #"{}"#,
                #"{"conn_id": ["Missing data for required field."], "channels": ["Missing data for required field."]}"#
            ),
            BadBody(#"{"conn_id": "zz", "channels": ["c"]}"#, #"{"conn_id": ["Not a valid UUID."]}"#),
            BadBody(#"{"conn_id": null, "channels": ["c"]}"#, #"{"conn_id": ["Field may not be null."]}"#),
            BadBody(#"{"conn_id": "\#(known)", "channels": []}"#, #"{"channels": ["Shorter than minimum length 1."]}"#),
            BadBody(#"{"conn_id": "\#(known)", "channels": null}"#, #"{"channels": ["Field may not be null."]}"#),
            BadBody(#"{"conn_id": "\#(known)", "channels": [{}]}"#, #"{"channels": {"0": ["Not a valid string."]}}"#),
            BadBody(
                #"{"conn_id": "\#(known)", "channels": ["c"], "info": []}"#,
                #"{"info": {"_schema": ["Invalid input type."]}}"#
            ),
            BadBody(
                #"{"conn_id": "\#(known)", "channels": ["c"], "channel_configs": []}"#,
                #"{"channel_configs": ["Not a valid mapping type."]}"#
            ),
        ]
    )
    func subscriptions(bad: BadBody) throws {
        let decoded = decode(bad.body) { (scanner) throws(RawJSONError) in
            try SubscriptionBody.read(from: &scanner).flatMap { $0.finish(queryConnection: nil) }
        }
        #expect(decoded.errors == (try JSONValue(bad.errors)))
    }

    @Test(
        "POST /user_state",
        arguments: [
            BadBody(#"{}"#, #"{"user": ["Missing data for required field."]}"#),
            BadBody(#"{"user": ""}"#, #"{"user": ["\#(length512)", "Unknown user"]}"#),
            BadBody(
                #"{"user": "u", "user_state": {"ok": 1, "bad": {"x": 1}}}"#,
                #"{"user_state": {"bad": {"value": ["\#(notScalar)"]}}}"#
            ),
            BadBody(#"{"user": "u", "state_public_keys": 1}"#, #"{"state_public_keys": ["Not a valid list."]}"#),
        ]
    )
    func userStates(bad: BadBody) throws {
        #expect(decode(UserStateBody.self, bad.body).errors == (try JSONValue(bad.errors)))
    }

    @Test(
        "/info",
        arguments: [
            BadBody(#"{}"#, #"{"info": ["Missing data for required field."]}"#),
            BadBody(#"{"info": []}"#, #"{"info": {"_schema": ["Invalid input type."]}}"#),
            BadBody(
                #"{"info": {"channels": "a", "exclude_channels": [""]}}"#,
                #"{"info": {"channels": ["Not a valid list."], "exclude_channels": {"0": ["\#(length256)"]}}}"#
            ),
            BadBody(#"{"info": {"include_users": null}}"#, #"{"info": {"include_users": ["Field may not be null."]}}"#),
        ]
    )
    func infos(bad: BadBody) throws {
        #expect(decode(InfoBody.self, bad.body).errors == (try JSONValue(bad.errors)))
    }

    @Test(
        "POST /channel_config, without the channel's name",
        arguments: [
            BadBody(
                #"{"c": {"history_size": "x", "store_frames": 5}}"#,
                #"{"history_size": ["Not a valid integer."], "store_frames": ["Not a valid boolean."]}"#
            ),
            BadBody(#"{"c": {"history_size": -1}}"#, #"{"history_size": ["Must be greater than or equal to 0."]}"#),
            BadBody(#"{"c": {"history_size": "2.5"}}"#, #"{"history_size": ["Not a valid integer."]}"#),
            BadBody(
                #"{"c": {"salvageable": true, "store_frames": 5}}"#,
                #"{"store_frames": ["Not a valid boolean."]}"#
            ),
            BadBody(#"{"c": 1}"#, #"{"_schema": ["Invalid input type."]}"#),
            BadBody(#"{"": {}}"#, #"{"": ["\#(length256)"]}"#),
            BadBody(#"[]"#, #"{"_schema": ["Invalid input type."]}"#),
        ]
    )
    func channelConfigs(bad: BadBody) throws {
        #expect(decode(ChannelConfigBody.self, bad.body).errors == (try JSONValue(bad.errors)))
    }

    @Test(
        "POST /disconnect, which looks at nothing but conn_id",
        arguments: [
            BadBody(#"{}"#, #"{"conn_id": ["Missing data for required field."]}"#),
            BadBody(#"{"conn_id": "x", "other": 1}"#, #"{"conn_id": ["Not a valid UUID."]}"#),
            BadBody(#"[]"#, #"{"_schema": ["Invalid input type."]}"#),
        ]
    )
    func disconnects(bad: BadBody) throws {
        #expect(decode(DisconnectBody.self, bad.body).errors == (try JSONValue(bad.errors)))
    }

    @Test(
        "broken JSON is no validation error, even where the schema is broken as well",
        arguments: [
            "", " ", "{this is not json", "{\"username\": 1", "{\"username\": 1} x", "{\"username\": NaN}",
            "\u{FEFF}{\"username\": \"u\"}", "{'username': 'u'}", "{\"username\": \"\\ud800\"}", "{\"a\": 1e}",
        ]
    )
    func brokenJSON(body: String) {
        guard case .malformed = decode(ConnectBody.self, body) else {
            Issue.record("\(body) was read")
            return
        }
    }

    @Test("a body deeper than the limit is refused where the limit is passed, however deep it goes on")
    func deepJSON() throws {
        let deep = #"[{"user": "u", "message": "# + String(repeating: #"{"a":"#, count: 100_000)
        guard case .malformed(.tooDeep(let limit, let offset)) = decodeList(MessageBody.self, deep) else {
            Issue.record("it was read")
            return
        }
        #expect(limit == 64)
        #expect(offset == 26 + 62 * 5)
    }

    @Test("a body of half a million faults is answered with the first of them")
    func manyErrors() {
        let body =
            #"{"username": "u", "channels": ["# + repeatElement("1", count: 500_000).joined(separator: ",") + "]}"
        guard case .errors(let text) = decode(ConnectBody.self, body) else {
            Issue.record("it was read")
            return
        }
        #expect(text.utf8.count < 64 * 1024)
        #expect(text.contains(#""999":["Not a valid string."]"#))
        #expect(!text.contains(#""1000":"#))
    }
}
