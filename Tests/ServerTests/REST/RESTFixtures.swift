import Foundation
import HTTPTypes
import Projections
import RawJSON
import Testing

@testable import Server
@testable import Web

/// JSON compared by value: what a client sees, whatever the order of keys and the white space.
struct JSONValue: Equatable, CustomStringConvertible {
    private let object: NSObject

    init(_ text: String) throws {
        self = try JSONValue(utf8: Array(text.utf8))
    }

    init(utf8: [UInt8]) throws {
        let value = try JSONSerialization.jsonObject(with: Data(utf8), options: .fragmentsAllowed)
        self.object = try #require(value as? NSObject)
    }

    var description: String { self.object.description }
}

/// What became of a body: the command's part, or the errors as they are answered.
enum Decoded<Value> {
    case value(Value)
    case errors(String)
    case malformed(RawJSONError)

    var value: Value? {
        if case .value(let value) = self { value } else { nil }
    }

    var errors: JSONValue? {
        guard case .errors(let text) = self else { return nil }
        return try? JSONValue(text)
    }
}

func decode<Body: ObjectBody>(_ body: Body.Type, _ json: String) -> Decoded<Body.Value> {
    decode(json) { (scanner) throws(RawJSONError) in try Body.read(from: &scanner) }
}

func decodeList<Item: ObjectBody>(
    _ item: Item.Type,
    _ json: String,
    maximumCount: Int = 1_000
) -> Decoded<[Item.Value]> {
    decode(json) { (scanner) throws(RawJSONError) in
        try MessageList<Item>.read(from: &scanner, maximumCount: maximumCount)
    }
}

func decode<Value>(
    _ json: String,
    _ read: (inout JSONScanner) throws(RawJSONError) -> Result<Value, ValidationFailure>
) -> Decoded<Value> {
    do throws(BodyError) {
        return .value(try RequestBody.decode(json.utf8Span.span, maximumDepth: 64, read))
    } catch {
        switch error {
        case .malformed(let error), .malformedLine(_, let error): return .malformed(error)
        case .invalid(let failure): return .errors(failure.errors.text)
        }
    }
}

extension ValidationErrors {
    var text: String {
        var writer = JSONWriter()
        self.write(into: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

/// JSON as a writer writes it.
func written(_ write: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    write(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
}

/// Reads a file of the folder `Fixtures`.
func fixture<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
    let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)")
    return try JSONDecoder().decode(type, from: Data(contentsOf: url))
}

extension RawJSON {
    init(_ text: String) throws {
        self = try RawJSON(validating: Array(text.utf8))
    }

    var text: String { String(decoding: self.bytes, as: UTF8.self) }
}

extension HTTPField.Name {
    /// A constant name; all of them are tokens, so that the fallback is never met.
    private static func constant(_ name: String) -> HTTPField.Name {
        HTTPField.Name(name) ?? .from
    }

    static let channelstreamSecret = Self.constant("X-Channelstream-Secret")
    static let xScriptName = Self.constant("X-Script-Name")
    static let xScheme = Self.constant("X-Scheme")
    static let xForwardedProto = Self.constant("X-Forwarded-Proto")
    static let xURLScheme = Self.constant("X-Url-Scheme")
}
