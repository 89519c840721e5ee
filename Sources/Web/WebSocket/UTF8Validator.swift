/// Checks UTF-8 that arrives in pieces, so that a wrong byte is found when it comes and not when the message ends.
///
/// The ranges are those of RFC 3629, section 4: no overlong forms, no surrogates, nothing above U+10FFFF.
struct UTF8Validator: Sendable {
    /// Continuation bytes that the current character still needs.
    private var missing: UInt8 = 0
    /// The bounds of the next continuation byte.
    private var lower: UInt8 = 0x80
    private var upper: UInt8 = 0xBF

    /// Whether no character is cut in two here.
    var isComplete: Bool { self.missing == 0 }

    /// - Returns: Whether what came so far can still become valid.
    mutating func feed(_ byte: UInt8) -> Bool {
        guard self.missing == 0 else {
            guard byte >= self.lower, byte <= self.upper else { return false }
            self.missing -= 1
            self.lower = 0x80
            self.upper = 0xBF
            return true
        }
        switch byte {
        case 0x00...0x7F: break
        case 0xC2...0xDF: self.expect(1)
        case 0xE0: self.expect(2, from: 0xA0)
        case 0xE1...0xEC, 0xEE, 0xEF: self.expect(2)
        case 0xED: self.expect(2, to: 0x9F)
        case 0xF0: self.expect(3, from: 0x90)
        case 0xF1...0xF3: self.expect(3)
        case 0xF4: self.expect(3, to: 0x8F)
        default: return false
        }
        return true
    }

    mutating func feed(_ bytes: some Sequence<UInt8>) -> Bool {
        for byte in bytes where !self.feed(byte) { return false }
        return true
    }

    private mutating func expect(_ count: UInt8, from lower: UInt8 = 0x80, to upper: UInt8 = 0xBF) {
        self.missing = count
        self.lower = lower
        self.upper = upper
    }
}
