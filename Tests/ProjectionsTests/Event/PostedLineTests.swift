import RawJSON
import TestSupport
import Testing

@testable import Projections

@Suite("Lines of posted messages")
struct PostedLineTests {
    private static let text =
        #"{"seq":17,"time":"2026-11-23T23:10:11.123456Z","type":"message.posted","source":"node-1","#
        + #""data":{"uuid":"12345678-1234-4678-9234-56781234567a","channel":"room-1","user":"alice"},"#
        + #""salt":"AAAAAAAAAAAAAAAAAAAAAA","content":{"message":{"text":"hi \u00e9"}}}"#

    @Test("the usual line is read without looking at each key, and says the same")
    func usualLine() throws {
        let read = try #require(Self.readAtOnce(Self.text))
        #expect(read == (try Self.readByKey(Self.text)))
        #expect(read.event.content?.plain?.json.description == #"{"message":{"text":"hi \u00e9"}}"#)
    }

    @Test(
        "so are a line of several, one to no channel, one from another second, and one without content",
        arguments: [
            (#"{"seq":17,"#, #"{"seq":18,"more":true,"#), (#""channel":"room-1","#, ""), ("11.123456Z", "59.000001Z"),
            (#","salt":"AAAAAAAAAAAAAAAAAAAAAA","content":{"message":{"text":"hi \u00e9"}}"#, ""),
            ("alice", "somebody with quite a long name, longer than any other that is here"),
            ("node-1", "node-2"),
        ]
    )
    func variants(part: String, other: String) throws {
        let text = Self.text.replacing(part, with: other)
        #expect(text != Self.text)
        var reader = PostedLineReader()
        var names = NameCache()
        // What the line before has left behind makes no difference.
        _ = Self.read(Self.text, &reader, &names)
        let read = try #require(Self.read(text, &reader, &names))
        #expect(read == (try Self.readByKey(text)))
    }

    @Test(
        "all other lines are left to be read by key",
        arguments: [
            ("message.posted", "message.edited"), (#","user""#, #","no_history":true,"user""#),
            (#""alice""#, #""al\u0069ce""#), (#""alice""#, #""\u{e9}lise""#), (#""data":"#, #""data": "#),
            (#""content":{"#, #""new":1,"content":{"#), ("}}}", "}} }"), ("}}}", #"}},"new":1}"#),
            (#"{"message":{"text":"hi \u00e9"}}"#, "7"), ("AAAAAA\",", "AAAAAB\","), ("-56781234567a", "-56781234567A"),
            (#""salt":"AAAAAAAAAAAAAAAAAAAAAA","content":{"message":{"text":"hi \u00e9"}}"#, #""commit":"x""#),
            ("17", "017"), ("17", ""), ("T23", "T24"),
        ]
    )
    func otherLines(part: String, other: String) {
        let text = Self.text.replacing(part, with: other)
        #expect(text != Self.text)
        #expect(Self.readAtOnce(text) == nil)
    }

    @Test(
        "whatever is wrong with a line: if it is read at once, then as it would be by key",
        arguments: 0..<text.utf8.count
    )
    func anyByte(offset: Int) throws {
        var bytes = Array(Self.text.utf8)
        let original = bytes[offset]
        var readCount = 0
        for byte in UInt8.min...UInt8.max where byte != original {
            bytes[offset] = byte
            guard let read = Self.readAtOnce(bytes) else { continue }
            readCount += 1
            #expect(read == (try Self.readByKey(bytes)), "byte \(byte)")
        }
        #expect(readCount < 255)
        #expect(Self.readAtOnce(Array(bytes[..<offset])) == nil, "cut off")
    }

    // MARK: - Reading

    private static func read(
        _ text: String,
        _ reader: inout PostedLineReader,
        _ names: inout NameCache
    ) -> EventLine? {
        reader.read(text.utf8Span.span, names: &names)
    }

    private static func readAtOnce(_ line: [UInt8]) -> EventLine? {
        var reader = PostedLineReader()
        var names = NameCache()
        return reader.read(line.span, names: &names)
    }

    private static func readAtOnce(_ text: String) -> EventLine? { self.readAtOnce(Array(text.utf8)) }

    private static func readByKey(_ line: [UInt8]) throws -> EventLine {
        var decoder = EventDecoder()
        return try decoder.decodeByKey(line.span)
    }

    private static func readByKey(_ text: String) throws -> EventLine { try self.readByKey(Array(text.utf8)) }
}
