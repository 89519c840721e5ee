#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Bytes that belong to somebody else, borrowed: the compiler refuses to read them after their owner has changed or gone.
///
/// `Span<UInt8>` and not `RawSpan`: its subscript reads a byte, checked, and arrays and strings lend it.
@usableFromInline
package typealias Bytes = Span<UInt8>

extension Span<UInt8> {
    @inlinable
    package var first: UInt8? { self.isEmpty ? nil : self[0] }

    @inlinable
    package var last: UInt8? { self.isEmpty ? nil : self[self.count - 1] }

    /// Eight bytes in the order in which they lie, of which the first is at `index`.
    @inlinable
    @inline(__always)
    package func word(at index: Int) -> UInt64 {
        precondition(index >= 0 && self.count - index >= 8, "eight bytes are there")
        // The line above has looked whether they are.
        return unsafe self.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
    }

    /// Four bytes in the order in which they lie, of which the first is at `index`.
    @inlinable
    @inline(__always)
    package func halfWord(at index: Int) -> UInt32 {
        precondition(index >= 0 && self.count - index >= 4, "four bytes are there")
        // The line above has looked whether they are.
        return unsafe self.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt32.self)
    }

    /// The first place of a byte, at or after `start`.
    package func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        precondition(start >= 0, "a place is not negative")
        guard start < self.count else { return nil }
        // The library's search takes many bytes at a time, and looks at none behind the count that it is given.
        return unsafe self.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress,
                let found = unsafe memchr(base + start, Int32(byte), bytes.count - start)
            else { return nil }
            return unsafe UnsafeRawPointer(found) - base
        }
    }

    @inlinable
    package func allSatisfy(_ isRight: (UInt8) -> Bool) -> Bool {
        for place in self.indices where !isRight(self[place]) { return false }
        return true
    }

    /// Whether these are the same bytes, however they are owned.
    @inlinable
    package func equals(_ other: Bytes) -> Bool {
        self.count == other.count && self.holds(other, at: 0)
    }

    @inlinable
    package func equals(_ text: StaticString) -> Bool { self.equals(text.bytes) }

    @inlinable
    package func begins(with text: StaticString) -> Bool { self.holds(text.bytes, at: 0) }

    @inlinable
    package func holds(_ text: StaticString, at offset: Int) -> Bool { self.holds(text.bytes, at: offset) }

    /// Whether `part` stands anywhere in these bytes; an empty one does.
    package func contains(_ part: Bytes) -> Bool {
        guard let first = part.first else { return true }
        var at = 0
        while self.count - at >= part.count, let found = self.firstIndex(of: first, from: at) {
            if self.holds(part, at: found) { return true }
            at = found + 1
        }
        return false
    }

    /// Whether `other` stands at `offset`; false where it would not fit.
    @inlinable
    package func holds(_ other: Bytes, at offset: Int) -> Bool {
        guard offset >= 0, self.count - offset >= other.count else { return false }
        var at = 0
        while other.count - at >= 8 {
            guard self.word(at: offset + at) == other.word(at: at) else { return false }
            at += 8
        }
        while at < other.count {
            guard self[offset + at] == other[at] else { return false }
            at += 1
        }
        return true
    }
}

extension Span<UInt8> {
    /// The bytes of words, in the order in which they lie.
    @inlinable
    @_lifetime(copy words)
    package init(words: Span<UInt64>) {
        // Every bit pattern is a byte.
        unsafe self.init(_bytes: words.bytes)
    }
}

extension StaticString {
    /// The text of a literal, which is there as long as the program.
    @inlinable
    package var bytes: Bytes {
        @_lifetime(immortal)
        get {
            // A literal lies in the program itself: nothing frees it.
            let bytes = unsafe Bytes(_unsafeStart: self.utf8Start, count: self.utf8CodeUnitCount)
            return unsafe _overrideLifetime(bytes, copying: ())
        }
    }
}

// The standard library copies from pointers alone; these lie within the span's bounds, and the call is over before the
// span's lifetime.

extension [UInt8] {
    /// A copy.
    @inlinable
    package init(_ bytes: Bytes) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    }

    @inlinable
    package mutating func append(contentsOf bytes: Bytes) {
        unsafe bytes.withUnsafeBufferPointer { unsafe self.append(contentsOf: $0) }
    }
}

extension String {
    /// The text of UTF-8, with U+FFFD for what is none.
    @inlinable
    package init(decoding bytes: Bytes, as _: UTF8.Type) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
