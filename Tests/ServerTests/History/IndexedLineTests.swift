import Projections
import Testing

@testable import Archive

@Suite("What the index keeps of a line")
struct IndexedLineTests {
    @Test(
        "a message's line says the same at once and key by key",
        arguments: [
            #"{"seq":7,"time":"2026-11-23T23:10:11.123456Z","type":"message.posted","source":"n","data":{"uuid":"12345678-1234-4678-9234-56781234567a","channel":"room-1","user":"alice"},"salt":"AAAAAAAAAAAAAAAAAAAAAA","content":{"message":1}}"#,
            #"{"seq":7,"more":true,"time":"2026-11-23T23:10:11.123456Z","type":"message.posted","source":"n","data":{"uuid":"12345678-1234-4678-9234-56781234567a","user":"alice","pm_users":["bob"]},"commit":"x"}"#,
            #"{"seq":7,"time":"2026-11-23T23:10:11.123456Z","type":"message.posted","source":"n","data":{"uuid":"12345678-1234-4678-9234-56781234567a","channel":"r\u006fom","user":"alice"}}"#,
        ]
    )
    func same(line: String) {
        let spaced = line.replacing(#"{"uuid":"#, with: #"{ "uuid":"#).replacing(#""type":"#, with: #""type": "#)
        let (atOnce, byKey) = (IndexedLine(line.utf8Span.span), IndexedLine(spaced.utf8Span.span))
        #expect(atOnce != nil && atOnce == byKey)
    }
}
