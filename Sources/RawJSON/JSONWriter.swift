package import LogValues

/// Appends JSON to one growing array of bytes, and puts the commas by itself.
///
/// At the top level it takes members and values alike, so that a fragment of a larger text can be written; inside its
/// own containers a value in an object follows a key, and every container is closed by its own kind of bracket.
package struct JSONWriter: Sendable {
    /// What was written so far.
    package var bytes: [UInt8]

    private var needsComma = false
    private var isAfterKey = false
    private var nesting = NestingStack()

    /// An empty writer.
    ///
    /// - Parameter capacity: Bytes that are reserved at once.
    package init(capacity: Int = 256) {
        self.bytes = []
        self.bytes.reserveCapacity(capacity)
    }

    /// Starts anew, keeping the memory.
    package mutating func removeAll() {
        self.bytes.removeAll(keepingCapacity: true)
        self.needsComma = false
        self.isAfterKey = false
        self.nesting = NestingStack()
    }

    package mutating func beginObject() { self.open(ASCII.openBrace) }

    package mutating func endObject() {
        precondition(self.nesting.isInObject, "only the innermost container is closed, and an object by endObject")
        self.close(ASCII.closeBrace)
    }

    package mutating func beginArray() { self.open(ASCII.openBracket) }

    package mutating func endArray() {
        precondition(self.nesting.isInArray, "only the innermost container is closed, and an array by endArray")
        self.close(ASCII.closeBracket)
    }

    /// A member's name that is ASCII and needs no escapes, with the comma before it where one is needed.
    package mutating func key(_ name: StaticString) {
        let text = name.bytes
        assert(
            name.isASCII && JSONEscaping.endOfPlain(text, from: 0) == text.count,
            "a literal key needs no escapes"
        )
        let hasComma = self.takeKey()
        self.bytes.append(upTo: text.count + 4) { token in
            if hasComma { token.append(ASCII.comma) }
            token.append(ASCII.quote)
            token.append(text)
            token.append(ASCII.quote)
            token.append(ASCII.colon)
        }
    }

    // Without this, a literal would be a String before it is a StaticString.
    @_disfavoredOverload
    package mutating func key(_ name: String) {
        self.beginKey()
        JSONEscaping.appendQuoted(name, to: &self.bytes)
        self.bytes.append(ASCII.colon)
    }

    /// A member's name; the caller knows that the bytes are UTF-8.
    package mutating func key(utf8 name: Bytes) {
        self.beginKey()
        JSONEscaping.appendQuoted(name, to: &self.bytes)
        self.bytes.append(ASCII.colon)
    }

    @_disfavoredOverload
    package mutating func string(_ text: String) {
        self.beginValue()
        JSONEscaping.appendQuoted(text, to: &self.bytes)
    }

    package mutating func string(_ text: StaticString) {
        self.string(utf8: text.bytes)
    }

    /// A string; the caller knows that the bytes are UTF-8.
    package mutating func string(utf8 text: Bytes) {
        guard JSONEscaping.endOfPlain(text, from: 0) == text.count else {
            self.beginValue()
            return JSONEscaping.appendQuoted(text, to: &self.bytes)
        }
        self.string(plain: text)
    }

    /// A string; the caller knows that the bytes are UTF-8 and need no escapes.
    package mutating func string(plain text: Bytes) {
        let hasComma = self.takeValue()
        self.bytes.append(upTo: text.count + 3) { token in
            if hasComma { token.append(ASCII.comma) }
            token.append(ASCII.quote)
            token.append(text)
            token.append(ASCII.quote)
        }
    }

    /// A string that is written in place.
    ///
    /// - Parameters:
    ///   - size: At most, in bytes.
    ///   - write: Appends it: UTF-8 that needs no escapes.
    package mutating func string(plainSize size: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        let hasComma = self.takeValue()
        self.bytes.append(upTo: size + 3) { token in
            if hasComma { token.append(ASCII.comma) }
            token.append(ASCII.quote)
            write(&token)
            token.append(ASCII.quote)
        }
    }

    package mutating func bool(_ value: Bool) { self.literal(value ? "true" : "false") }

    package mutating func null() { self.literal("null") }

    /// A value, byte for byte.
    package mutating func value(_ json: RawJSON) {
        self.value(verbatim: json.bytes.span)
    }

    private mutating func literal(_ text: StaticString) {
        self.value(verbatim: text.bytes)
    }

    @inline(__always)
    private mutating func value(verbatim text: Bytes) {
        let hasComma = self.takeValue()
        self.bytes.append(upTo: text.count + 1) { token in
            if hasComma { token.append(ASCII.comma) }
            token.append(text)
        }
    }

    /// A value without its white space, otherwise byte for byte.
    package mutating func value(_ slice: JSONSlice) {
        self.beginValue()
        slice.appendCompacted(to: &self.bytes)
    }

    /// Puts the members of an object among those of the open one; an empty object adds nothing.
    package mutating func members(of object: RawJSON) {
        precondition(object.kind == .object, "only an object has members")
        guard object.bytes.count > 2 else { return }
        let hasComma = self.takeKey()
        self.isAfterKey = false
        self.needsComma = true
        self.bytes.append(upTo: object.bytes.count) { token in
            if hasComma { token.append(ASCII.comma) }
            token.append(object.bytes.span.extracting(1..<object.bytes.count - 1))
        }
    }

    /// Bytes as they are, which the commas do not see.
    package mutating func verbatim(_ text: StaticString) {
        self.verbatim(text.bytes)
    }

    /// Bytes as they are, which the commas do not see.
    package mutating func verbatim(_ bytes: Bytes) {
        self.bytes.append(contentsOf: bytes)
    }

    /// Puts the comma before a value, which then has to be appended to `bytes` whole.
    package mutating func beginValue() {
        if self.takeValue() { self.bytes.append(ASCII.comma) }
    }

    private mutating func beginKey() {
        if self.takeKey() { self.bytes.append(ASCII.comma) }
    }

    /// Notes a value that the caller is about to append.
    ///
    /// - Returns: Whether a comma stands before it.
    @inline(__always)
    private mutating func takeValue() -> Bool {
        assert(self.isAfterKey || !self.nesting.isInObject, "a value in an object follows a key")
        self.isAfterKey = false
        return exchange(&self.needsComma, with: true)
    }

    /// The same for a member's name and its colon.
    @inline(__always)
    private mutating func takeKey() -> Bool {
        assert(!self.isAfterKey && !self.nesting.isInArray, "a key stands in an object, and not after a key")
        self.isAfterKey = true
        return exchange(&self.needsComma, with: false)
    }

    private mutating func open(_ bracket: UInt8) {
        let hasComma = self.takeValue()
        self.bytes.append(upTo: 2) { token in
            if hasComma { token.append(ASCII.comma) }
            token.append(bracket)
        }
        self.nesting.push(isObject: bracket == ASCII.openBrace)
        self.needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        assert(!self.isAfterKey, "a key is followed by a value")
        self.bytes.append(bracket)
        self.nesting.pop()
        self.needsComma = true
    }
}
