/// A string token: the bytes between its quotes, validated, decoded only on demand.
///
/// Unowned, valid only as long as the scanned bytes are. Comparisons are those of UTF-8 bytes: Swift's `String` would
/// hold spellings equal that differ (U+00E9, and U+0065 U+0301).
package struct JSONString {
    /// As they came in, escapes included.
    package let raw: UnsafeRawBufferPointer
    package let hasEscapes: Bool

    /// The text, escapes resolved and surrogate pairs joined.
    package func decoded() -> String {
        guard self.hasEscapes else { return String(decoding: self.raw, as: UTF8.self) }
        // Decoding never grows: six bytes of an escape become three at most, twelve of a pair four.
        return String(unsafeUninitializedCapacity: self.raw.count) { buffer in
            var size = 0
            for byte in DecodedUTF8(self.raw) {
                buffer[size] = byte
                size += 1
            }
            return size
        }
    }

    /// The text as UTF-8, escapes resolved and surrogate pairs joined.
    package func decodedUTF8() -> [UInt8] {
        guard self.hasEscapes else { return Array(self.raw) }
        return Array(unsafeUninitializedCapacity: self.raw.count) { buffer, size in
            for byte in DecodedUTF8(self.raw) {
                buffer[size] = byte
                size += 1
            }
        }
    }

    /// Unicode scalars of the decoded text.
    package var scalarCount: Int {
        guard self.hasEscapes else { return Self.scalarCount(of: self.raw) }
        return Self.scalarCount(of: DecodedUTF8(self.raw))
    }

    /// Whether the decoded text is that of the literal; allocates nothing.
    package static func == (string: JSONString, literal: StaticString) -> Bool {
        string.equals(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    package static func != (string: JSONString, literal: StaticString) -> Bool { !(string == literal) }

    /// Lets a `switch` over a name have literals as its cases.
    package static func ~= (literal: StaticString, string: JSONString) -> Bool { string == literal }

    /// Whether the decoded text has these bytes; allocates nothing.
    package func equals(_ utf8: UnsafeRawBufferPointer) -> Bool {
        guard self.hasEscapes else { return self.raw.count == utf8.count && Self.isEqual(self.raw, utf8) }
        return DecodedUTF8(self.raw).elementsEqual(utf8)
    }

    /// Whether two texts of one size have the same bytes.
    ///
    /// Byte by byte without iterators: names are short, and most differ in their first byte.
    private static func isEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        for index in 0..<left.count where left[index] != right[index] { return false }
        return true
    }

    /// Whether the decoded text has these bytes; allocates nothing.
    @inlinable
    package func equals(_ utf8: some Collection<UInt8>) -> Bool {
        let isEqual = utf8.withContiguousStorageIfAvailable { self.equals(UnsafeRawBufferPointer($0)) }
        return isEqual ?? self.decodedUTF8().elementsEqual(utf8)
    }

    /// Every byte that does not continue a sequence starts a scalar.
    private static func scalarCount(of utf8: some Sequence<UInt8>) -> Int {
        utf8.reduce(0) { count, byte in byte & 0xC0 == 0x80 ? count : count + 1 }
    }
}
