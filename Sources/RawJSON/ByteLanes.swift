/// Eight bytes of text looked at in one go, as the lanes of a 64-bit word.
///
/// A mask has the top bit of a lane set where the test holds. Subtraction borrows into the next higher lane, so that
/// only the *first* lane of a mask can be relied on, and that is all that is asked for.
struct ByteLanes {
    static let count = 8

    private let word: UInt64

    /// Eight bytes as ``Span/word(at:)`` reads them.
    @inline(__always)
    init(_ word: UInt64) {
        self.word = UInt64(littleEndian: word)
    }

    /// Lanes that a scan of a string has to stop at: quote, backslash, control characters, anything beyond ASCII.
    @inline(__always)
    var special: UInt64 {
        (self.lanes(equalTo: ASCII.quote) | self.lanes(equalTo: ASCII.backslash) | self.controls | self.word)
            & Self.topBits
    }

    /// Lanes that must be escaped in a string: quote, backslash, control characters.
    @inline(__always)
    var escaped: UInt64 {
        (self.lanes(equalTo: ASCII.quote) | self.lanes(equalTo: ASCII.backslash) | self.controls) & Self.topBits
    }

    /// How many lanes lie before the first one that a mask, which is not zero, has set.
    @inline(__always)
    static func leading(_ mask: UInt64) -> Int { mask.trailingZeroBitCount >> 3 }

    private static var bottomBits: UInt64 { 0x0101_0101_0101_0101 }
    private static var topBits: UInt64 { 0x8080_8080_8080_8080 }

    /// Lanes below 0x20: the top bit of the difference tells, unless the byte itself had it set.
    @inline(__always)
    private var controls: UInt64 { (self.word &- Self.bottomBits &* 0x20) & ~self.word }

    @inline(__always)
    private func lanes(equalTo byte: UInt8) -> UInt64 {
        let difference = self.word ^ (Self.bottomBits &* UInt64(byte))
        return (difference &- Self.bottomBits) & ~difference
    }
}
