/// Why bytes were refused, and the byte at which that shows, counted from the start of what the scanner was given.
package enum RawJSONError: Error, Hashable {
    /// What a caller asked for.
    package enum Expectation: String, Sendable {
        case object
        case array
        case string
        case integer
        case boolean
    }

    /// The text stops inside a value, or before one.
    case unexpectedEnd(offset: Int)
    /// A byte that no rule of the grammar allows here.
    case unexpectedByte(UInt8, offset: Int)
    /// A value starts here, but not of the kind that the caller asked for. Nothing was consumed.
    case expected(Expectation, offset: Int)
    /// A byte other than white space after the value.
    case trailingByte(UInt8, offset: Int)
    /// A word that starts like `true`, `false` or `null` and is none of them.
    case invalidLiteral(offset: Int)
    /// A leading zero, or no digit where a number needs one.
    case invalidNumber(offset: Int)
    /// A number of more bytes than ``JSONScanner/maximumNumberSize``; the offset is that of its first byte.
    case numberTooLong(offset: Int)
    /// An integer that no `Int64` holds; the offset is that of its first byte. Nothing was consumed.
    case integerOutOfRange(offset: Int)
    /// A byte below 0x20 inside a string, which RFC 8259 wants escaped.
    case controlCharacter(UInt8, offset: Int)
    /// A backslash that starts no escape; the offset is that of the first byte that does not fit.
    case invalidEscape(offset: Int)
    /// A `\u` escape of half a surrogate pair; the offset is that of its backslash.
    case loneSurrogate(offset: Int)
    /// A byte that starts no UTF-8 sequence of RFC 3629 (also overlong ones, surrogates, and above U+10FFFF).
    case invalidUTF8(offset: Int)
    /// An object or array inside `limit` others; the offset is that of its opening bracket.
    case tooDeep(limit: Int, offset: Int)

    /// Bytes from the start of the text.
    package var offset: Int {
        switch self {
        case .unexpectedEnd(let offset), .unexpectedByte(_, let offset), .expected(_, let offset),
            .trailingByte(_, let offset), .invalidLiteral(let offset), .invalidNumber(let offset),
            .numberTooLong(let offset), .integerOutOfRange(let offset), .controlCharacter(_, let offset),
            .invalidEscape(let offset), .loneSurrogate(let offset), .invalidUTF8(let offset), .tooDeep(_, let offset):
            offset
        }
    }
}

extension RawJSONError: CustomStringConvertible {
    package var description: String { "\(self.trouble) at byte \(self.offset)" }

    private var trouble: String {
        switch self {
        case .unexpectedEnd: "the JSON text ends too early"
        case .unexpectedByte(let byte, _): "unexpected \(Self.name(of: byte))"
        case .expected(let expectation, _): "the JSON value is not of the kind \(expectation.rawValue)"
        case .trailingByte(let byte, _): "unexpected \(Self.name(of: byte)) after the JSON value"
        case .invalidLiteral: "a word that is neither true, false nor null"
        case .invalidNumber: "a number that JSON does not allow"
        case .numberTooLong: "a number of more than \(JSONScanner.maximumNumberSize) bytes"
        case .integerOutOfRange: "an integer beyond 64 bits"
        case .controlCharacter(let byte, _): "unescaped \(Self.name(of: byte)) in a string"
        case .invalidEscape: "an escape that JSON does not have"
        case .loneSurrogate: "an escape of half a surrogate pair"
        case .invalidUTF8: "invalid UTF-8"
        case .tooDeep(let limit, _): "JSON nested deeper than \(limit)"
        }
    }

    /// The character itself where it can be seen, otherwise the byte in hexadecimal.
    private static func name(of byte: UInt8) -> String {
        guard (0x21...0x7E).contains(byte) else { return "byte 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))" }
        return "'\(Character(Unicode.Scalar(byte)))'"
    }
}
