import Foundation
import Projections
import RawJSON
import Testing

@testable import Server
@testable import Web

/// What Channelstream 0.7.1 was seen to answer, value by value.
@Suite("Field types")
struct FieldVectorsTests {
    private struct Vectors: Decodable {
        let timestamps: [Case]
        let uuids: [Case]
        let booleans: [Case]
        let integers: [Case]
    }

    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let `in`: Scalar
        let ok: Bool
        let out: Scalar?
        let message: String?
        let stricter: Bool?
        var testDescription: String { self.in.json }

        func expectedMessage(_ stricter: String) -> String? {
            self.stricter == true ? stricter : self.message
        }
    }

    /// A JSON value that the vectors hold.
    struct Scalar: Decodable, Sendable, Equatable {
        let json: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self.json = "null"
            } else if let bool = try? container.decode(Bool.self) {
                self.json = "\(bool)"
            } else if let integer = try? container.decode(Int.self) {
                self.json = "\(integer)"
            } else if let number = try? container.decode(Double.self) {
                self.json = "\(number)"
            } else if let text = try? container.decode(String.self) {
                self.json = written { $0.string(text) }
            } else if (try? container.decode([String].self)) != nil {
                self.json = "[]"
            } else {
                self.json = "{}"
            }
        }
    }

    private static let vectors = try? fixture("upstream-fields.json", as: Vectors.self)

    @Test("the vectors are there")
    func vectorsAreThere() throws {
        let vectors = try #require(Self.vectors)
        #expect(vectors.timestamps.count + vectors.uuids.count + vectors.booleans.count + vectors.integers.count == 120)
    }

    @Test("a datetime is read and answered as upstream does", arguments: Self.vectors?.timestamps ?? [])
    func dateTimes(vector: Case) throws {
        switch read(vector.in.json, DateTimeField()) {
        case .valid(let text):
            // Upstream writes UTC as +00:00 in answers and as Z in frames; here it is Z in both.
            let expected = vector.out?.json.replacingOccurrences(of: "+00:00\"", with: "Z\"")
            #expect("\"\(String(decoding: text, as: UTF8.self))\"" == expected)
        case .invalid(let node):
            #expect(node.message == vector.message)
        case .absent:
            Issue.record("a value was read as none")
        }
    }

    @Test(
        "a datetime is one of the calendar's, to the edges",
        arguments: [
            ("2024-02-29T00:00", "2024-02-29T00:00:00"), ("2000-02-29T00:00", "2000-02-29T00:00:00"),
            ("2023-02-29T00:00", nil), ("1900-02-29T00:00", nil), ("2020-04-31T00:00", nil), ("2020-01-32T00:00", nil),
            ("2020-00-01T00:00", nil), ("2020-01-00T00:00", nil), ("0000-01-01T00:00", nil), ("2020-01-01T00:60", nil),
            ("2020-01-01T00:00:00.", nil), ("2020-01-01T00:00:00.1234567890123", nil),
            ("2020-01-01T00:00:00.123456789012", "2020-01-01T00:00:00.123456"),
            ("2020-01-01T00:00:00.0000009", "2020-01-01T00:00:00"), ("2020-01-01T00:00-00:00", "2020-01-01T00:00:00Z"),
            ("2020-01-01T00:00+23:59", "2020-01-01T00:00:00+23:59"), ("2020-01-01T00:00+24:00", nil),
            ("2020-01-01T00:00+1", nil), ("2020-01-01T00:00+01:", nil), ("2020-01-01T00:00+01:0", nil),
            ("2020-01-01T00:00Z ", nil), ("2020-01-01T00:00ZZ", nil), ("2020-01-01T", nil), ("2020-01-01T00:00:", nil),
        ] as [(String, String?)]
    )
    func calendar(given: String, answered: String?) {
        let text = read("\"\(given)\"", DateTimeField()).value
        #expect(text.map { String(decoding: $0, as: UTF8.self) } == answered)
    }

    @Test("a uuid is read in every spelling but Python's accidents", arguments: Self.vectors?.uuids ?? [])
    func uuids(vector: Case) throws {
        switch read(vector.in.json, UUIDField()) {
        case .valid(let uuid):
            #expect("\"\(uuid)\"" == vector.out?.json)
            #expect(vector.stricter != true)
        case .invalid(let node):
            #expect(node.message == vector.expectedMessage("Not a valid UUID."))
        case .absent:
            Issue.record("a value was read as none")
        }
    }

    @Test("a boolean is read in every spelling", arguments: Self.vectors?.booleans ?? [])
    func booleans(vector: Case) throws {
        switch read(vector.in.json, BooleanField()) {
        case .valid(let bool): #expect("\(bool)" == vector.out?.json)
        case .invalid(let node): #expect(node.message == vector.message)
        case .absent: Issue.record("a value was read as none")
        }
    }

    @Test("a whole number is read as a number or as text", arguments: Self.vectors?.integers ?? [])
    func integers(vector: Case) throws {
        switch read(vector.in.json, CountField()) {
        case .valid: #expect(vector.ok && vector.stricter != true)
        case .invalid(let node): #expect(node.message == vector.expectedMessage("Not a valid integer."))
        case .absent: Issue.record("a value was read as none")
        }
    }

    @Test(
        "a number's value is the one that is written",
        arguments: [
            ("5", 5), ("5.7", 5), ("1000.0", 1000), ("1e3", 1000), ("0", 0), ("-0", 0), ("-0.5", 0), ("\" 7 \"", 7),
            ("\"+7\"", 7), ("4294967295", 4_294_967_295),
        ]
    )
    func numbers(json: String, value: UInt32) {
        #expect(read(json, CountField()) == .valid(value))
    }

    @Test(
        "a number that is too large is refused, however large",
        arguments: ["4294967296", "1000000000000000000", "1.5e308", "1e400", "\"99999999999999999999999\""]
    )
    func hugeNumbers(json: String) {
        #expect(read(json, CountField()) == .invalid(.message(.tooLarge(maximum: .max))))
    }

    @Test("a number far below zero is negative", arguments: ["-1", "-1.5", "-1e400", "\"-99999999999999999999999\""])
    func negativeNumbers(json: String) {
        #expect(read(json, CountField()) == .invalid(.message(.negative)))
    }

    @Test("lengths count code points, not characters and not bytes")
    func lengths() {
        let accents = "\"a" + String(repeating: "\u{301}", count: 511) + "\""
        #expect(read(accents, UserNameField()).value?.utf8.count == 1 + 511 * 2)
        let oneMore = "\"a" + String(repeating: "\u{301}", count: 512) + "\""
        #expect(read(oneMore, UserNameField()) == .invalid(.message(.length(maximum: 512))))
        let emoji = "\"" + String(repeating: "\\ud83d\\ude00", count: 256) + "\""
        #expect(read(emoji, ChannelNameField()).value?.utf8.count == 256 * 4)
    }

    @Test("names that look alike are different names")
    func normalForms() {
        let composed = read("\"Jos\u{E9}\"", UserNameField()).value
        let decomposed = read("\"Jose\u{301}\"", UserNameField()).value
        #expect(composed != nil && decomposed != nil && composed != decomposed)
        #expect(read("\"\\u0061\"", UserNameField()) == .valid(UserName("a")))
    }

    private func read<Reader: FieldReader>(_ json: String, _ reader: Reader) -> Field<Reader.Value> {
        var scanner = JSONScanner(json.utf8Span.span)
        do throws(RawJSONError) {
            return try reader.read(from: &scanner)
        } catch {
            Issue.record("\(json): \(error)")
            return .absent
        }
    }
}

extension ValidationErrors.Node {
    fileprivate var message: String? {
        if case .messages(let messages) = self, messages.count == 1 { messages.first?.text } else { nil }
    }
}
