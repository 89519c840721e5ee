import LogValues
import Projections
import RawJSON
import Testing

@testable import Hub

@Suite("Frames as they are sent")
struct FrameWriterTests {
    private static let uuid = UUID128(high: 0x1111_1111_2222_4333, low: 0x8444_5555_5555_5555)
    private static let time = Timestamp(microseconds: 1_795_475_411_123_456)

    @Test("a message: what was said and by whom, nothing about who may not see it")
    func message() throws {
        let frame = try Self.message(content: #"{"message":{"text":"hi"},"priority":1.50}"#)
        #expect(
            Self.text(frame)
                == #"{"uuid":"11111111-2222-4333-8444-555555555555","timestamp":"2020-01-02T03:04:05Z","user":"ann","#
                + #""channel":"room","message":{"text":"hi"},"priority":1.50,"type":"message","edited":null,"catchup":false}"#
        )
    }

    @Test("a private message without content")
    func emptyMessage() throws {
        let frame = try Self.message(content: nil, channel: nil)
        #expect(
            Self.text(frame, catchUp: true)
                == #"{"uuid":"11111111-2222-4333-8444-555555555555","timestamp":"2020-01-02T03:04:05Z","user":"ann","#
                + #""channel":null,"type":"message","edited":null,"catchup":true}"#
        )
    }

    @Test(
        "an edited message shows the edit's message and the posted extra keys",
        arguments: [
            (#"{"a":1,"message":{"text":"old"},"b":2}"#, #""a":1,"b":2,"message":{"text":"new"}"#),
            (#"{"a":1}"#, #""a":1,"message":{"text":"new"}"#),
            (#"{"message":{}}"#, #""message":{"text":"new"}"#),
        ]
    )
    func editedMessage(posted: String, shown: String) throws {
        let message = try Self.plainMessage(
            content: .plain(posted),
            editedContent: .plain(#"{"extra of the edit":0,"message":{"text":"new"}}"#)
        )
        let text = Self.text(Frame(position: .start, kind: .message(message)))
        #expect(text.contains(#""channel":"room",\#(shown),"type""#))
        #expect(text.contains(#""edited":"2020-02-02T00:00:00""#))
        #expect(try JSONValue(text).description.contains("extra of the edit") == false)
    }

    @Test("an erased message is one without content, an erased edit one without the text it had")
    func erasedMessage() throws {
        let content = try Content.plain(#"{"message":{"text":"old"},"b":2}"#)
        let edit = try Content.plain(#"{"message":{"text":"new"}}"#).erased
        let edited = Self.plainMessage(content: content, editedContent: edit)
        #expect(Self.text(Frame(position: .start, kind: .message(edited))).contains(#""channel":"room","b":2,"type""#))
        let erased = Self.plainMessage(content: content.erased)
        #expect(Self.text(Frame(position: .start, kind: .message(erased))).contains(#""channel":"room","type""#))
    }

    @Test("an edit: what was given, and when; marked only when it is late")
    func edit() throws {
        let edit = MessageEdited(
            uuid: Self.uuid,
            addressing: .to("room", only: ["x"]),
            keepsOutOfHistory: true,
            user: nil,
            timestamp: nil,
            edited: nil,
            content: try .plain(#"{"message":{"text":"new"},"e":1}"#)
        )
        let frame = Frame(position: .start, kind: .edit(edit, time: Self.time))
        let members =
            #""uuid":"11111111-2222-4333-8444-555555555555","channel":"room","message":{"text":"new"},"e":1,"#
            + #""edited":"2026-11-23T23:10:11.123456","type":"message:edit""#
        #expect(Self.text(frame) == "{\(members)}")
        #expect(Self.text(frame, catchUp: true) == #"{\#(members),"catchup":true}"#)
    }

    @Test("an edit of author and timestamp, at a given moment")
    func fullEdit() throws {
        let edit = MessageEdited(
            uuid: Self.uuid,
            addressing: .to(nil, only: ["x"]),
            keepsOutOfHistory: false,
            user: UserName("bob"),
            timestamp: Array("2019-05-06T07:08:09".utf8),
            edited: Array("2019-06-07T08:09:10+02:00".utf8),
            content: nil
        )
        #expect(
            Self.text(Frame(position: .start, kind: .edit(edit, time: Self.time)))
                == #"{"uuid":"11111111-2222-4333-8444-555555555555","channel":null,"user":"bob","#
                + #""timestamp":"2019-05-06T07:08:09","edited":"2019-06-07T08:09:10+02:00","type":"message:edit"}"#
        )
    }

    @Test("a deletion: which message; marked only when it is late")
    func deletion() {
        let deletion = MessageDeleted(uuid: Self.uuid, addressing: .to("room"), keepsOutOfHistory: false)
        let frame = Frame(position: .start, kind: .deletion(deletion))
        let members = #""uuid":"11111111-2222-4333-8444-555555555555","channel":"room","type":"message:delete""#
        #expect(Self.text(frame) == "{\(members)}")
        #expect(Self.text(frame, catchUp: true) == #"{\#(members),"catchup":true}"#)
    }

    @Test("presence: who came or went, and who is there")
    func presence() throws {
        let state = try RawJSON(#"{"color":"red"}"#)
        let joined = Presence(
            uuid: Self.uuid,
            time: Self.time,
            user: UserName("ann"),
            channel: ChannelName("room"),
            action: .joined,
            state: state,
            users: [PresentUser(user: UserName("ann"), state: state)]
        )
        #expect(
            Self.text(Frame(position: .start, kind: .presence(joined)))
                == #"{"uuid":"11111111-2222-4333-8444-555555555555","timestamp":"2026-11-23T23:10:11.123456","user":"ann","#
                + #""channel":"room","message":{"action":"joined"},"type":"presence","state":{"color":"red"},"#
                + #""users":[{"user":"ann","state":{"color":"red"}}],"catchup":false}"#
        )
        let parted = Presence(
            uuid: Self.uuid,
            time: Self.time,
            user: UserName("ann"),
            channel: ChannelName("room"),
            action: .parted,
            state: nil,
            users: []
        )
        let text = Self.text(Frame(position: .start, kind: .presence(parted)))
        #expect(text.contains(#""message":{"action":"parted"},"type":"presence","state":null,"users":[]"#))
    }

    @Test("a change of state: the public part and what changed of it")
    func stateChange() throws {
        let change = StateChange(
            uuid: Self.uuid,
            time: Timestamp(microseconds: 0),
            user: UserName("ann"),
            channel: ChannelName("room"),
            state: try RawJSON(#"{"k":1}"#),
            changed: try RawJSON(#"[{"key":"k","value":1}]"#)
        )
        #expect(
            Self.text(Frame(position: .start, kind: .stateChange(change)))
                == #"{"uuid":"11111111-2222-4333-8444-555555555555","timestamp":"1970-01-01T00:00:00","user":"ann","#
                + #""channel":"room","message":{"state":{"k":1},"changed":[{"key":"k","value":1}]},"#
                + #""type":"user_state_change","catchup":false}"#
        )
    }

    @Test("names with quotes and control characters stay one string")
    func hostileNames() {
        let name = "\"\\\n\u{1}</script>\u{2028}é"
        let message = Self.plainMessage(content: nil, user: name)
        let text = Self.text(Frame(position: .start, kind: .message(message)))
        #expect(text.contains(#""user":"\"\\\n\u0001</script>\#u{2028}é""#))
        #expect(throws: Never.self) { try JSONValue(text) }
    }

    private static func text(_ frame: Frame, catchUp: Bool = false) -> String {
        written { FrameWriter.write(frame, catchUp: catchUp, into: &$0) }
    }

    private static func message(content: String?, channel: String? = "room") throws -> Frame {
        let message = self.plainMessage(content: try content.map(Content.plain), channel: channel)
        return Frame(position: .start, kind: .message(message))
    }

    private static func plainMessage(
        content: Content?,
        channel: String? = "room",
        user: String = "ann",
        editedContent: Content? = nil
    ) -> Message {
        let posted = MessagePosted(
            uuid: self.uuid,
            user: UserName(user),
            addressing: .to(channel, only: ["p"], except: ["e"]),
            keepsOutOfHistory: true,
            timestamp: Array("2020-01-02T03:04:05Z".utf8),
            content: content
        )
        return Message(
            posted,
            edited: editedContent.map { _ in Array("2020-02-02T00:00:00".utf8) },
            editedContent: editedContent
        )
    }
}
