import LogValues
import RawJSON
import Testing

@testable import Projections

@Suite("The parts of a line, without decoding it")
struct LineFieldsTests {
    private static let text =
        #"{"seq":17,"time":"2026-11-23T23:10:11.123456Z","type":"message.posted","source":"node-1","#
        + #""data":{"uuid":"12345678-1234-4678-9234-56781234567a","channel":"room-1","user":"alice"},"#
        + #""salt":"AAAAAAAAAAAAAAAAAAAAAA","content":{"message":{"text":"hi \u00e9"}}}"#

    /// What is read of a line, to be compared.
    private struct Read: Equatable {
        var time: [UInt8]
        var type: [UInt8]
        var source: [UInt8]
        var uuid: [UInt8]?
        var channel: [UInt8]?
        var user: [UInt8]?
        var isWhole: Bool

        init?(_ text: String) {
            guard let fields = LineFields(text.utf8Span.span) else { return nil }
            let data = fields.data
            self.time = Array(fields.time)
            self.type = Array(fields.type)
            self.source = Array(fields.source)
            self.uuid = data.uuid?.decodedUTF8()
            self.channel = data.channel?.decodedUTF8()
            self.user = data.user?.decodedUTF8()
            self.isWhole = data.isWhole
        }
    }

    @Test(
        "a line as this program writes it says what it says when it is read by key",
        arguments: [
            ("", ""), (#"{"seq":17,"#, #"{"seq":18,"more":true,"#), (#""channel":"room-1","#, ""),
            (#""alice"}"#, #""alice","no_history":true}"#), (#""user":"alice""#, #""new":[1,{}],"user":"alice""#),
            ("message.posted", "message.edited"), ("room-1", "r\u{e9}um"), ("node-1", "n\u{f6}de"),
            ("room-1", #"r\u006fom"#), (#"{"message":{"text":"hi \u00e9"}}"#, "7"),
        ]
    )
    func sameByKey(part: String, other: String) throws {
        let text = part.isEmpty ? Self.text : Self.text.replacing(part, with: other)
        // White space is nothing that this program writes: every part has to be looked for.
        let byKey = text.replacing(#""type":"#, with: #""type": "#).replacing(#"{"uuid":"#, with: #"{ "uuid":"#)
        let read = try #require(Read(text))
        #expect(read == Read(byKey))
        #expect(read.isWhole && read.user == Array("alice".utf8))
    }

    @Test("the order of the parts makes no difference, and data may stand last")
    func anyOrder() throws {
        let text =
            #"{"type":"user.forgotten","data":{"user":"alice"},"new":{},"source":"n","seq":1,"time":"later"}"#
        let read = try #require(Read(text))
        #expect(read.time == Array("later".utf8) && read.user == Array("alice".utf8) && read.uuid == nil)
    }

    @Test(
        "a line that lacks a part has no fields",
        arguments: [#""time":"2026-11-23T23:10:11.123456Z","#, #""type":"message.posted","#, #""source":"node-1","#]
    )
    func missing(part: String) {
        #expect(Read(Self.text.replacing(part, with: "")) == nil)
    }

    @Test("of data that cannot be read, what stands before the fault is known, and that it is not all")
    func damagedData() throws {
        let read = try #require(Read(Self.text.replacing(#""user":"alice""#, with: #""user":5"#)))
        #expect(read.channel == Array("room-1".utf8) && read.user == nil && !read.isWhole)
    }
}
