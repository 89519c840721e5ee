package import LogValues

/// A string token: the bytes between its quotes, validated, decoded only on demand, and borrowed as the scanned bytes are.
///
/// Comparisons are those of UTF-8 bytes: Swift's `String` would hold spellings equal that differ (U+00E9, and U+0065
/// U+0301).
package struct JSONString: ~Escapable {
    /// As they came in, escapes included.
    package let raw: Bytes
    package let hasEscapes: Bool

    /// A token that a scanner has validated.
    @_lifetime(copy raw)
    package init(raw: Bytes, hasEscapes: Bool) {
        self.raw = raw
        self.hasEscapes = hasEscapes
    }

    /// The text, escapes resolved and surrogate pairs joined.
    package func decoded() -> String {
        self.withUTF8 { String(decoding: $0, as: UTF8.self) }
    }

    /// The text as UTF-8, escapes resolved and surrogate pairs joined.
    package func decodedUTF8() -> [UInt8] {
        guard self.hasEscapes else { return Array(self.raw) }
        // Decoding never grows: six bytes of an escape become three at most, twelve of a pair four.
        return Array(capacity: self.raw.count) { output in
            var decoder = DecodedUTF8(self.raw)
            while let byte = decoder.next() { output.append(byte) }
        }
    }

    /// Lends the text as UTF-8; no copy is made of a string without escapes.
    package func withUTF8<Result>(_ body: (Bytes) -> Result) -> Result {
        self.hasEscapes ? body(self.decodedUTF8().span) : body(self.raw)
    }

    /// Unicode scalars of the decoded text.
    package var scalarCount: Int {
        // Every byte that does not continue a sequence starts a scalar.
        var count = 0
        guard self.hasEscapes else {
            for index in self.raw.indices where self.raw[index] & 0xC0 != 0x80 { count += 1 }
            return count
        }
        var decoder = DecodedUTF8(self.raw)
        while let byte = decoder.next() { count += byte & 0xC0 == 0x80 ? 0 : 1 }
        return count
    }

    /// Whether the decoded text is that of the literal; allocates nothing.
    package static func == (string: JSONString, literal: StaticString) -> Bool { string.equals(literal.bytes) }

    package static func != (string: JSONString, literal: StaticString) -> Bool { !(string == literal) }

    /// Lets a `switch` over a name have literals as its cases.
    package static func ~= (literal: StaticString, string: JSONString) -> Bool { string == literal }

    /// Whether the decoded text has these bytes; allocates nothing.
    package func equals(_ utf8: Bytes) -> Bool {
        guard self.hasEscapes else { return self.raw.count == utf8.count && Self.isEqual(self.raw, utf8) }
        var decoder = DecodedUTF8(self.raw)
        for index in utf8.indices {
            guard decoder.next() == utf8[index] else { return false }
        }
        return decoder.next() == nil
    }

    /// Whether the decoded text has these bytes; allocates nothing.
    package func equals(_ utf8: [UInt8]) -> Bool { self.equals(utf8.span) }

    /// Whether two texts of one size have the same bytes.
    ///
    /// Byte by byte: names are short, and most differ in their first byte.
    private static func isEqual(_ left: Bytes, _ right: Bytes) -> Bool {
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }
}
