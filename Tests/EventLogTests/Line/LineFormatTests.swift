import LogValues
import Testing

@testable import EventLog

@Suite("Lines")
struct LineFormatTests {
    static func head(_ line: String) -> LineFormat.Head? {
        LineFormat.head(of: line.utf8Span.span)
    }

    @Test("the frame of a line says its number and whether its proposal goes on")
    func heads() {
        #expect(Self.head(#"{"seq":1,"a":2}"#) == .init(sequenceNumber: .first, hasMore: false))
        #expect(Self.head(#"{"seq":1,"more":true,"a":2}"#) == .init(sequenceNumber: .first, hasMore: true))
        #expect(Self.head(#"{"seq":9223372036854775807,"a":2}"#)?.sequenceNumber == .last)
        #expect(Self.head(#"{"seq":1,"a":{"more":true,"b":1}}"#)?.hasMore == false)
    }

    @Test(
        "what is not written in the one way is no line",
        arguments: [
            "", "{", #"{"seq":"#, #"{"seq":1"#, #"{"seq":1}"#, #"{"seq":01,"a":2}"#, #"{"seq":0,"a":2}"#,
            #"{"seq":-1,"a":2}"#,
            #"{"seq":1 ,"a":2}"#, #" {"seq":1,"a":2}"#, #"{"seq": 1,"a":2}"#, #"{"seq":1,"a":2"#, #"{"seq":1.0,"a":2}"#,
            #"{"seq":9223372036854775808,"a":2}"#, #"{"seq":99999999999999999999,"a":2}"#, #"{"SEQ":1,"a":2}"#,
            #"{"seq":,"a":2}"#, #"{"seq":1e3,"a":2}"#,
        ]
    )
    func wrong(line: String) {
        #expect(Self.head(line) == nil)
    }

    @Test("a text ends a proposal if its last line is whole and says that no more follows")
    func ends() {
        func ends(_ text: String) -> Bool { LineFormat.endsProposal(text.utf8Span.span) }
        #expect(ends("{\"seq\":1,\"a\":2}\n"))
        #expect(ends("{\"seq\":1,\"more\":true,\"a\":2}\n{\"seq\":2,\"a\":2}\n"))
        #expect(!ends("{\"seq\":1,\"more\":true,\"a\":2}\n"))
        #expect(!ends("{\"seq\":1,\"a\":2}\n{\"seq\":2,\"more\":true,\"a\":2}\n"))
        #expect(!ends("{\"seq\":1,\"a\":2}"))
        #expect(!ends(""))
        #expect(ends("what is this?\n"), "reported as damage by whoever reads the line")
    }

    @Test("a head that could not be told from content is not taken, nor an empty one, nor a second line in one")
    func preconditions() async {
        await #expect(processExitsWith: .failure) {
            var batch = LineBatch()
            batch.append { $0 += Array(#""data":{},"salt":"x""#.utf8) }
        }
        await #expect(processExitsWith: .failure) {
            var batch = LineBatch()
            batch.append { _ in }
        }
        await #expect(processExitsWith: .failure) {
            var batch = LineBatch()
            batch.append { $0 += Array("\"a\":\n1".utf8) }
            var encoder = CommitEncoder(frontier: Frontier())
            encoder.append([batch])
        }
    }
}
