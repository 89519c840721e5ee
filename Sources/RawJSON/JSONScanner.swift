package import LogValues

/// Strict RFC 8259 pull parser over bytes that stay where they are.
///
/// The caller drives it along the structure that it expects; what it reads comes back as slices of the bytes, borrowed as
/// those are. UTF-8 and escapes are checked in the same pass, nothing
/// is allocated, nothing recurses. Duplicate names are passed through.
///
/// Malformed bytes throw, whatever they are. A value of another kind than asked for throws
/// ``RawJSONError/expected(_:offset:)`` and can still be read; after any other error the scanner is of no more use.
/// Calls out of order (a member asked for before the last one's value was read) are the caller's defects and trap.
package struct JSONScanner: ~Escapable {
    /// What a value is, as its first byte tells.
    package enum Kind: Hashable, Sendable {
        case object
        case array
        case string
        case number
        case `true`
        case `false`
        case null

        package var isBoolean: Bool { self == .true || self == .false }
    }

    /// What the structure allows next.
    private enum Place {
        /// A value: at the start, after a member's name, after `nextElement`.
        case value
        /// The first member or element, or the closing bracket.
        case firstItem
        /// What follows a value: a comma, a closing bracket, the end of the text.
        case afterValue
    }

    /// The most that a depth limit can be; jq 1.6 gives up at the same figure.
    package static let deepestLimit = NestingStack.maximumDepth
    /// Bytes of the longest number that is read: Python refuses integers of more digits than this.
    package static let maximumNumberSize = 4300

    private let tokens: JSONTokens
    private let maximumDepth: Int
    private var index = 0
    private var nesting = NestingStack()
    private var place = Place.value

    /// Starts before the first byte.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - maximumDepth: How many containers may be open at a time, 0 to ``deepestLimit``.
    @_lifetime(copy bytes)
    package init(_ bytes: Bytes, maximumDepth: Int = 64) {
        precondition((0...Self.deepestLimit).contains(maximumDepth), "a depth limit is 0 to \(Self.deepestLimit)")
        self.tokens = JSONTokens(bytes)
        self.maximumDepth = maximumDepth
    }

    /// How far the scanner has come, in bytes from the start.
    package var offset: Int { self.index }

    /// Tells the kind of the value that comes next, without reading it.
    package mutating func peek() throws(RawJSONError) -> Kind {
        precondition(self.place == .value, "a value is looked at only where one is due")
        _ = self.tokens.skipSpace(&self.index)
        return try self.kind()
    }

    /// Steps into an object; its members come from ``nextMember()``.
    package mutating func beginObject() throws(RawJSONError) {
        guard try self.peek() == .object else { throw .expected(.object, offset: self.index) }
        try self.open(isObject: true)
    }

    /// Reads a member's name and the colon; the member's value must be read before the next call.
    ///
    /// - Returns: The name, or nil once the closing brace was consumed.
    @_lifetime(copy self)
    package mutating func nextMember() throws(RawJSONError) -> JSONString? {
        precondition(self.place != .value, "a member's value is read before the next member is asked for")
        precondition(self.nesting.isInObject, "members are asked for inside an object")
        guard try self.nextItem(closing: ASCII.closeBrace) else { return nil }
        let start = self.index
        let hasEscapes = try self.tokens.skipQuoted(&self.index)
        let name = JSONString(raw: self.tokens.slice(start + 1, self.index - 1), hasEscapes: hasEscapes)
        _ = try self.tokens.skipColon(&self.index)
        self.place = .value
        return name
    }

    /// Steps into an array; its elements are announced by ``nextElement()``.
    package mutating func beginArray() throws(RawJSONError) {
        guard try self.peek() == .array else { throw .expected(.array, offset: self.index) }
        try self.open(isObject: false)
    }

    /// Steps to the next element, which must be read before the next call.
    ///
    /// - Returns: Whether there is one; false once the closing bracket was consumed.
    package mutating func nextElement() throws(RawJSONError) -> Bool {
        precondition(self.place != .value, "an element is read before the next one is asked for")
        precondition(self.nesting.isInArray, "elements are asked for inside an array")
        guard try self.nextItem(closing: ASCII.closeBracket) else { return false }
        self.place = .value
        return true
    }

    /// Reads any value, validated whole.
    @_lifetime(copy self)
    package mutating func readValue() throws(RawJSONError) -> JSONSlice {
        let kind = try self.peek()
        let start = self.index
        let isCompact = try self.tokens.skipValue(
            &self.index,
            depth: self.nesting.depth,
            maximumDepth: self.maximumDepth
        )
        self.place = .afterValue
        return JSONSlice(kind: kind, bytes: self.tokens.slice(start, self.index), isCompact: isCompact)
    }

    /// Reads any value, validated whole, and drops it.
    package mutating func skipValue() throws(RawJSONError) {
        _ = try self.readValue()
    }

    /// Reads a string, which stays as it came until it is decoded.
    @_lifetime(copy self)
    package mutating func readString() throws(RawJSONError) -> JSONString {
        guard try self.peek() == .string else { throw .expected(.string, offset: self.index) }
        let start = self.index
        let hasEscapes = try self.tokens.skipQuoted(&self.index)
        self.place = .afterValue
        return JSONString(raw: self.tokens.slice(start + 1, self.index - 1), hasEscapes: hasEscapes)
    }

    /// Reads a number without fraction and exponent.
    ///
    /// - Throws: ``RawJSONError/expected(_:offset:)`` for any other value, ``RawJSONError/integerOutOfRange(offset:)``
    ///   for an integer beyond 64 bits; both leave the value to be read otherwise.
    package mutating func readInteger() throws(RawJSONError) -> Int64 {
        guard try self.peek() == .number else { throw .expected(.integer, offset: self.index) }
        let start = self.index
        var end = start
        guard try self.tokens.skipNumber(&end) else { throw .expected(.integer, offset: start) }
        guard let integer = self.tokens.integer(start, end) else { throw .integerOutOfRange(offset: start) }
        self.index = end
        self.place = .afterValue
        return integer
    }

    /// Reads `true` or `false`.
    package mutating func readBoolean() throws(RawJSONError) -> Bool {
        let kind = try self.peek()
        guard kind.isBoolean else { throw .expected(.boolean, offset: self.index) }
        try self.tokens.skipLiteral(kind == .true ? "true" : "false", &self.index)
        self.place = .afterValue
        return kind == .true
    }

    /// Makes sure that only white space is left.
    package mutating func finish() throws(RawJSONError) {
        precondition(self.place == .afterValue && self.nesting.depth == 0, "a text is finished after its whole value")
        _ = self.tokens.skipSpace(&self.index)
        guard self.index == self.tokens.size else {
            throw .trailingByte(self.tokens[self.index], offset: self.index)
        }
    }

    /// The kind of value that the byte at the index starts.
    private func kind() throws(RawJSONError) -> Kind {
        let byte = try self.tokens.byte(at: self.index)
        guard let kind = Kind(first: byte) else { throw .unexpectedByte(byte, offset: self.index) }
        return kind
    }

    /// Passes the opening bracket, at which the index is.
    private mutating func open(isObject: Bool) throws(RawJSONError) {
        guard self.nesting.depth < self.maximumDepth else {
            throw .tooDeep(limit: self.maximumDepth, offset: self.index)
        }
        self.nesting.push(isObject: isObject)
        self.index += 1
        self.place = .firstItem
    }

    /// Passes the comma before an item that is not the first, or the closing bracket.
    ///
    /// - Returns: Whether an item has to follow.
    private mutating func nextItem(closing: UInt8) throws(RawJSONError) -> Bool {
        _ = self.tokens.skipSpace(&self.index)
        let byte = try self.tokens.byte(at: self.index)
        if byte == closing {
            self.index += 1
            self.nesting.pop()
            self.place = .afterValue
            return false
        }
        if self.place == .afterValue {
            guard byte == ASCII.comma else { throw .unexpectedByte(byte, offset: self.index) }
            self.index += 1
            _ = self.tokens.skipSpace(&self.index)
        }
        return true
    }
}

extension JSONScanner.Kind {
    /// The kind of value that starts with a byte, nil where none does.
    @inline(__always)
    init?(first byte: UInt8) {
        switch byte {
        case ASCII.quote: self = .string
        case ASCII.openBrace: self = .object
        case ASCII.openBracket: self = .array
        case ASCII.minus, ASCII.zero...ASCII.nine: self = .number
        case UInt8(ascii: "t"): self = .true
        case UInt8(ascii: "f"): self = .false
        case UInt8(ascii: "n"): self = .null
        default: return nil
        }
    }
}
