/// Hexadecimal digits.
package enum Hexadecimal {
    /// The value of a digit of either case, nil for any other byte.
    @inlinable
    package static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The digit of a value below 16, in lower case.
    @inlinable
    package static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// All digits of a number, in lower case, leading zeros among them.
    package static func text(_ number: some FixedWidthInteger & UnsignedInteger) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: number.bitWidth / 4 - digits.count) + digits
    }
}

/// Eight digits at once, as the lanes of a word whose first digit is its most significant byte.
struct HexadecimalLanes {
    private let word: UInt64

    /// Eight digits in a row.
    @inline(__always)
    init(_ text: Bytes, at offset: Int) {
        self.word = UInt64(bigEndian: text.word(at: offset))
    }

    /// Twice four digits.
    @inline(__always)
    init(_ text: Bytes, at offset: Int, and second: Int) {
        let high = UInt32(bigEndian: text.halfWord(at: offset))
        let low = UInt32(bigEndian: text.halfWord(at: second))
        self.word = UInt64(high) << 32 | UInt64(low)
    }

    /// Their value; nil unless all are digits of lower case.
    @inline(__always)
    var value: UInt32? {
        // Letters have this bit, digits do not: 0x61...0x66 and 0x30...0x39.
        let letters = self.word >> 6 & Self.lanes(0x01)
        let isLetter = letters << 7
        // The low half, if the high half is what it has to be: 0 to 9 of a digit, 1 to 6 of a letter.
        let low = self.word ^ (Self.lanes(0x30) &+ letters &* 0x30)
        let isBadDigit = low &+ Self.lanes(0x80 - 10)
        let isBadLetter = (low &+ Self.lanes(0x80 - 7)) | ~(low &+ Self.lanes(0x80 - 1))
        guard low & Self.lanes(0xF0) == 0,
            (isBadDigit & ~isLetter | isBadLetter & isLetter) & Self.lanes(0x80) == 0
        else { return nil }
        var value = low &+ letters &* 9
        value = (value | value >> 4) & 0x00FF_00FF_00FF_00FF
        value = (value | value >> 8) & 0x0000_FFFF_0000_FFFF
        return UInt32(truncatingIfNeeded: value | value >> 16)
    }

    /// The digits of a value, in lower case, as the lanes of a word; without branches.
    @inline(__always)
    static func digits(of value: UInt32) -> UInt64 {
        var halves = UInt64(value)
        halves = (halves | halves << 16) & 0x0000_FFFF_0000_FFFF
        halves = (halves | halves << 8) & 0x00FF_00FF_00FF_00FF
        halves = (halves | halves << 4) & Self.lanes(0x0F)
        // 1 in each lane from 10 on: those become letters.
        let letters = (halves &+ Self.lanes(0x06)) >> 4 & Self.lanes(0x01)
        return halves &+ Self.lanes(0x30) &+ letters &* 0x27
    }

    private static func lanes(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }
}
