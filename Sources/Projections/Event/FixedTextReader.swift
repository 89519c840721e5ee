import LogValues
import RawJSON

/// Goes through a text of which it is known what stands where, comparing eight bytes at a time.
struct FixedTextReader: ~Escapable {
    private let text: Bytes
    private var index = 0

    @_lifetime(copy text)
    init(_ text: Bytes) {
        self.text = text
    }

    /// Steps over a text, if it stands there.
    @inline(__always)
    mutating func pass(_ text: StaticString) -> Bool {
        guard self.text.holds(text, at: self.index) else { return false }
        self.index += text.utf8CodeUnitCount
        return true
    }

    /// Steps over the opening of an event line, up to where its time begins; nil if it is written in another way.
    @inline(__always)
    mutating func opening() -> (number: UInt64, hasMore: Bool)? {
        guard self.pass("{\"seq\":"), let number = self.number(), self.pass(",") else { return nil }
        let hasMore = self.pass("\"more\":true,")
        return self.pass("\"time\":\"") ? (number, hasMore) : nil
    }

    /// What was not stepped over yet.
    var rest: Bytes {
        @_lifetime(copy self)
        get { self.text.extracting(self.index...) }
    }

    /// Takes that many bytes, whatever they are; nil if there are not so many.
    @inline(__always)
    @_lifetime(copy self)
    mutating func take(_ count: Int) -> Bytes? {
        guard self.text.count - self.index >= count else { return nil }
        defer { self.index += count }
        return self.text.extracting(self.index..<self.index + count)
    }

    /// A UUID in its canonical form.
    @inline(__always)
    mutating func uuid() -> UUID128? {
        guard let text = self.take(UUID128.textSize) else { return nil }
        return UUID128(canonical: text)
    }

    /// A salt as the log writes it.
    @inline(__always)
    mutating func salt() -> Salt? {
        guard let text = self.take(Salt.textLength) else { return nil }
        return Salt(base64URL: text)
    }

    /// A number from 1 to 18 digits, written in the one way.
    @inline(__always)
    mutating func number() -> UInt64? {
        let start = self.index
        var number: UInt64 = 0
        while self.index < self.text.count, self.index - start < 18 {
            let digit = self.text[self.index] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            number = number * 10 + UInt64(digit)
            self.index += 1
        }
        guard self.index > start else { return nil }
        let isOneWay = self.index - start == 1 || self.text[start] != UInt8(ascii: "0")
        return isOneWay ? number : nil
    }

    /// The bytes of a string up to its closing quote; nil if they are not plain ASCII without escapes.
    @inline(__always)
    @_lifetime(copy self)
    mutating func name() -> Bytes? {
        let start = self.index
        while self.text.count - self.index >= 8 {
            let special = Self.special(self.text.word(at: self.index))
            guard special == 0 else {
                self.index += special.trailingZeroBitCount >> 3
                let isQuote = self.text[self.index] == UInt8(ascii: "\"")
                return isQuote ? self.text.extracting(start..<self.index) : nil
            }
            self.index += 8
        }
        return nil
    }

    /// Takes the rest without its last byte; nil unless that is the given one.
    @_lifetime(copy self)
    mutating func rest(before last: Unicode.Scalar) -> Bytes? {
        guard self.index < self.text.count, self.text.last == UInt8(ascii: last) else { return nil }
        defer { self.index = self.text.count }
        return self.text.extracting(self.index..<self.text.count - 1)
    }

    /// Whether nothing but this byte is left.
    func isBeforeEnd(_ last: Unicode.Scalar) -> Bool {
        self.text.count - self.index == 1 && self.text[self.index] == UInt8(ascii: last)
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
