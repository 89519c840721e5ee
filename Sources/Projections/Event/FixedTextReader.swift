/// Goes through a text of which it is known what stands where, comparing eight bytes at a time.
///
/// Every access is checked against the text's size first.
struct FixedTextReader {
    private let base: UnsafeRawPointer
    private let size: Int
    private var index = 0

    init(_ text: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; this one stands in and is never read, the size being 0.
        let nothing: StaticString = ""
        self.base = text.baseAddress ?? UnsafeRawPointer(nothing.utf8Start)
        self.size = text.count
    }

    /// Steps over a text, if it stands there.
    @inline(__always)
    mutating func pass(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard self.size - self.index >= count else { return false }
        let expected = UnsafeRawPointer(text.utf8Start)
        let found = self.base + self.index
        var at = 0
        while count - at >= 8 {
            guard
                expected.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                    == found.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            else { return false }
            at += 8
        }
        while at < count {
            guard
                expected.load(fromByteOffset: at, as: UInt8.self) == found.load(fromByteOffset: at, as: UInt8.self)
            else { return false }
            at += 1
        }
        self.index += count
        return true
    }

    /// Takes that many bytes, whatever they are; nil if there are not so many.
    @inline(__always)
    mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
        guard self.size - self.index >= count else { return nil }
        defer { self.index += count }
        return UnsafeRawBufferPointer(start: self.base + self.index, count: count)
    }

    /// A number from 1 to 18 digits, written in the one way.
    @inline(__always)
    mutating func number() -> UInt64? {
        let start = self.index
        var number: UInt64 = 0
        while self.index < self.size, self.index - start < 18 {
            let digit = self.base.load(fromByteOffset: self.index, as: UInt8.self) &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            number = number * 10 + UInt64(digit)
            self.index += 1
        }
        let isOneWay =
            self.index - start == 1
            || number > 0 && self.base.load(fromByteOffset: start, as: UInt8.self) != UInt8(ascii: "0")
        return self.index > start && isOneWay ? number : nil
    }

    /// The bytes of a string up to its closing quote; nil if they are not plain ASCII without escapes.
    @inline(__always)
    mutating func name() -> UnsafeRawBufferPointer? {
        let start = self.index
        while self.size - self.index >= 8 {
            let special = Self.special(self.base.loadUnaligned(fromByteOffset: self.index, as: UInt64.self))
            guard special == 0 else {
                self.index += special.trailingZeroBitCount >> 3
                let isQuote = self.base.load(fromByteOffset: self.index, as: UInt8.self) == UInt8(ascii: "\"")
                return isQuote ? UnsafeRawBufferPointer(start: self.base + start, count: self.index - start) : nil
            }
            self.index += 8
        }
        return nil
    }

    /// Takes the rest without its last byte; nil unless that is the given one.
    mutating func rest(before last: Unicode.Scalar) -> UnsafeRawBufferPointer? {
        guard self.index < self.size,
            self.base.load(fromByteOffset: self.size - 1, as: UInt8.self) == UInt8(ascii: last)
        else { return nil }
        defer { self.index = self.size }
        return UnsafeRawBufferPointer(start: self.base + self.index, count: self.size - self.index - 1)
    }

    /// Whether nothing but this byte is left.
    func isBeforeEnd(_ last: Unicode.Scalar) -> Bool {
        self.size - self.index == 1
            && self.base.load(fromByteOffset: self.index, as: UInt8.self) == UInt8(ascii: last)
    }

    /// Marks, of eight bytes, the first that is a quote, a backslash, a control character or beyond ASCII.
    ///
    /// Bytes behind the first may be marked wrongly: subtraction borrows.
    @inline(__always)
    private static func special(_ bytes: UInt64) -> UInt64 {
        let word = UInt64(littleEndian: bytes)
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* 0x22)
        let backslashes = word ^ (ones &* 0x5C)
        let controls = (word &- ones &* 0x20) & ~word
        return ((quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes | controls | word)
            & 0x8080_8080_8080_8080
    }
}
