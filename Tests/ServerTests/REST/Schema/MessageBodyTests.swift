import LogValues
import Projections
import RawJSON
import Testing

@testable import Hub
@testable import Server

@Suite("Bodies of messages")
struct MessageBodyTests {
    private static let uuid = "11111111-2222-4333-8444-555555555555"

    @Test("the smallest message")
    func smallest() throws {
        let message = try #require(decodeList(MessageBody.self, #"[{"user": "u"}]"#).value?.first)
        #expect(
            message
                == Command.PostMessage(user: UserName("u"), addressing: Addressing(channel: nil, only: [], except: []))
        )
    }

    @Test("every field of a message")
    func everyField() throws {
        let json = #"""
            [{"uuid": "11111111222243338444555555555555", "user": "ann", "channel": "room", "pm_users": ["b", "b"],
              "exclude_users": ["c"], "no_history": "yes", "timestamp": "2020-01-02 03:04", "message": {"text": "hi"}}]
            """#
        let message = try #require(decodeList(MessageBody.self, json).value?.first)
        #expect(message.uuid?.description == Self.uuid)
        #expect(message.user == UserName("ann"))
        #expect(
            message.addressing
                == Addressing(
                    channel: ChannelName("room"),
                    only: [UserName("b"), UserName("b")],
                    except: [UserName("c")]
                )
        )
        #expect(message.keepsOutOfHistory)
        #expect(message.timestamp.map { String(decoding: $0, as: UTF8.self) } == "2020-01-02T03:04:00")
        #expect(message.content?.text == #"{"message":{"text":"hi"}}"#)
    }

    @Test("content is kept byte for byte, on one line")
    func verbatim() throws {
        let json = """
            [{"user": "u", "priority": 1.50, "message" :
            { "b": 1e400, "a": [ 1, {"x" : "a\\/b \\u00e9 \\n" } ], "b": 2 }, "tags": [ true ]}]
            """
        let message = try #require(decodeList(MessageBody.self, json).value?.first)
        #expect(
            message.content?.text
                == #"{"message":{"b":1e400,"a":[1,{"x":"a\/b \u00e9 \n"}],"b":2},"priority":1.50,"tags":[true]}"#
        )
    }

    @Test("without message and extra keys there is no content")
    func noContent() {
        let json = #"[{"user": "u", "channel": "c", "type": "presence", "catchup": true, "edited": []}]"#
        #expect(decodeList(MessageBody.self, json).value?.first?.content == nil)
    }

    @Test("what the server says of a message cannot be smuggled in, however its name is spelled")
    func reservedKeys() throws {
        let json = #"[{"user": "u", "\u0074ype": "x", "catchu\u0070": 1, "edited": "x", "kept": 1, "Type": 2}]"#
        let post = try #require(decodeList(MessageBody.self, json).value?.first)
        #expect(post.content?.text == #"{"kept":1,"Type":2}"#)

        let editJSON = #"[{"uuid": "\#(Self.uuid)", "\u0074ype": "x", "catchup": 1, "kept": 1}]"#
        let edit = try #require(decodeList(MessageEditBody.self, editJSON).value?.first)
        #expect(edit.content?.text == #"{"kept":1}"#)
    }

    @Test("that a type was sent is remembered, whatever it was", arguments: [#""presence""#, "null", "{}"])
    func sentType(type: String) {
        #expect(decodeList(MessageBody.self, #"[{"user": "u", "type": \#(type)}]"#).value?.first?.namesType == true)
        #expect(decodeList(MessageBody.self, #"[{"user": "u"}]"#).value?.first?.namesType == false)
    }

    @Test("of a field that is there twice the last counts")
    func duplicates() throws {
        let json = #"[{"user": 1, "user": "u", "channel": "a", "channel": null, "message": [], "message": {"n": 2}}]"#
        let message = try #require(decodeList(MessageBody.self, json).value?.first)
        #expect(message.user == UserName("u"))
        #expect(message.addressing.channel == nil)
        #expect(message.content?.text == #"{"message":{"n":2}}"#)
        #expect(decodeList(MessageBody.self, #"[{"user": "u", "user": 1}]"#).errors != nil)
    }

    @Test("an edit keeps what was given and nothing else")
    func edits() throws {
        let json = #"[{"uuid": "\#(Self.uuid)", "user": "x", "edited": "2019-06-07T08:09:10+02:00", "e": 1}]"#
        let edit = try #require(decodeList(MessageEditBody.self, json).value?.first)
        #expect(edit.user == UserName("x"))
        #expect(edit.timestamp == nil)
        #expect(edit.edited.map { String(decoding: $0, as: UTF8.self) } == "2019-06-07T08:09:10+02:00")
        #expect(edit.content?.text == #"{"e":1}"#)
    }

    @Test("a deletion is a uuid and an address")
    func deletions() throws {
        let json = #"[{"uuid": "\#(Self.uuid)", "channel": "c", "no_history": 1}]"#
        let deletion = try #require(decodeList(MessageDeleteBody.self, json).value?.first)
        #expect(deletion.uuid.description == Self.uuid)
        #expect(deletion.addressing == Addressing(channel: ChannelName("c"), only: [], except: []))
        #expect(deletion.keepsOutOfHistory)
    }

    @Test("an empty list is fine")
    func empty() {
        #expect(decodeList(MessageBody.self, "[]").value == [])
    }

    @Test("a list of the greatest length is read, one message more is too many")
    func batchLimit() throws {
        let list = { (count: Int) in "[" + repeatElement(#"{"user":"u"}"#, count: count).joined(separator: ",") + "]" }
        #expect(decodeList(MessageBody.self, list(3), maximumCount: 3).value?.count == 3)
        #expect(
            decodeList(MessageBody.self, list(4), maximumCount: 3).errors
                == (try JSONValue(#"{"_schema": ["Longer than maximum length 3."]}"#))
        )
    }
}
