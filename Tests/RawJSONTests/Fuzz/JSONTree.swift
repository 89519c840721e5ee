import Foundation
import LogValues
import RawJSON

/// A value as our parser and Foundation's can both be asked for it.
enum JSONTree: Equatable {
    case null
    case boolean(Bool)
    case number(Double)
    case string([UInt8])
    case array([JSONTree])
    /// Of names that come more than once, the last one counts, as with Foundation.
    case object([String: JSONTree])

    /// Reads a value through the scanner's calls for each kind, no deeper than the scanner's limit.
    init(from scanner: inout JSONScanner) throws(RawJSONError) {
        switch try scanner.peek() {
        case .null:
            try scanner.skipValue()
            self = .null
        case .true, .false:
            self = .boolean(try scanner.readBoolean())
        case .number:
            let text = String(decoding: try scanner.readValue().bytes, as: UTF8.self)
            self = .number(Double(text) ?? .nan)
        case .string:
            self = .string(try scanner.readString().decodedUTF8())
        case .array:
            var elements: [JSONTree] = []
            try scanner.beginArray()
            while try scanner.nextElement() { elements.append(try JSONTree(from: &scanner)) }
            self = .array(elements)
        case .object:
            var members: [String: JSONTree] = [:]
            try scanner.beginObject()
            while let name = try scanner.nextMember() {
                let name = name.decoded()
                members[name] = try JSONTree(from: &scanner)
            }
            self = .object(members)
        }
    }

    /// Reads a whole text.
    static func read(_ text: [UInt8]) -> Result<JSONTree, RawJSONError> {
        Result { () throws(RawJSONError) -> JSONTree in
            var scanner = JSONScanner(text.span, maximumDepth: JSONScanner.deepestLimit)
            let tree = try JSONTree(from: &scanner)
            try scanner.finish()
            return tree
        }
    }

    /// Whether a number in it is too large for a `Double`.
    var overflows: Bool {
        switch self {
        case .null, .boolean, .string: false
        case .number(let number): number.isInfinite
        case .array(let elements): elements.contains(where: \.overflows)
        case .object(let members): members.values.contains(where: \.overflows)
        }
    }

    /// Whether it is what `JSONSerialization` made of the same text.
    func agrees(with other: Any) -> Bool {
        switch self {
        case .null:
            return other is NSNull
        case .boolean(let value):
            return Self.isBoolean(other) && (other as? Bool) == value
        case .number(let value):
            guard !Self.isBoolean(other), let number = (other as? NSNumber)?.doubleValue else { return false }
            // Integers beyond 64 bits pass through NSDecimalNumber, which rounds elsewhere.
            return abs(number - value) <= abs(value) * 1e-12
        case .string(let utf8):
            return (other as? String).map { Array($0.utf8) } == utf8
        case .array(let elements):
            guard let others = other as? [Any], others.count == elements.count else { return false }
            return zip(elements, others).allSatisfy { $0.agrees(with: $1) }
        case .object(let members):
            guard let others = other as? [String: Any], others.count == members.count else { return false }
            return members.allSatisfy { name, value in others[name].map { value.agrees(with: $0) } ?? false }
        }
    }

    /// Writes it with the writer; numbers must be whole.
    func write(into writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .boolean(let value): writer.bool(value)
        case .number(let value): writer.integer(Int64(value))
        case .string(let utf8): writer.string(utf8: utf8)
        case .array(let elements):
            writer.beginArray()
            for element in elements { element.write(into: &writer) }
            writer.endArray()
        case .object(let members):
            writer.beginObject()
            for (name, value) in members {
                writer.key(name)
                value.write(into: &writer)
            }
            writer.endObject()
        }
    }

    /// The same with every number made whole, and small enough for a `Double` to hold exactly.
    var withWholeNumbers: JSONTree {
        switch self {
        case .null, .boolean, .string: self
        case .number(let value): .number(value.magnitude < 1e15 ? value.rounded() : -1)
        case .array(let elements): .array(elements.map(\.withWholeNumbers))
        case .object(let members): .object(members.mapValues(\.withWholeNumbers))
        }
    }

    /// Foundation has `true` and 1 in the same class; the type of what is inside tells them apart.
    private static func isBoolean(_ value: Any) -> Bool {
        (value as? NSNumber).map { unsafe String(cString: $0.objCType) } == "c"
    }
}
