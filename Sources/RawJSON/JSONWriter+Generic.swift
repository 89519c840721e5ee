import LogValues

// Inlinable, so that the generic forms are specialised in the targets that call them.
extension JSONWriter {
    /// A member's name; the caller knows that the bytes are UTF-8.
    @inlinable
    package mutating func key(utf8 name: some Collection<UInt8>) {
        let isThere: Void? = name.withContiguousStorageIfAvailable { unsafe self.key(utf8: Bytes(_unsafeElements: $0)) }
        if isThere == nil { self.key(utf8: Array(name).span) }
    }

    /// A string; the caller knows that the bytes are UTF-8.
    @inlinable
    package mutating func string(utf8 text: some Collection<UInt8>) {
        let isThere: Void? = text.withContiguousStorageIfAvailable {
            unsafe self.string(utf8: Bytes(_unsafeElements: $0))
        }
        if isThere == nil { self.string(utf8: Array(text).span) }
    }

    /// A number of any integer type.
    @inlinable
    package mutating func integer(_ value: some FixedWidthInteger) {
        if let small = Int64(exactly: value) {
            self.integer(isNegative: small < 0, magnitude: small.magnitude)
        } else if let large = UInt64(exactly: value) {
            self.integer(isNegative: false, magnitude: large)
        } else {
            self.beginValue()
            self.bytes.append(contentsOf: String(value).utf8)
        }
    }
}
