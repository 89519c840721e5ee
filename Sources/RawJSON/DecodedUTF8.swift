import LogValues

/// The bytes of a validated string token with its escapes resolved, one at a time.
struct DecodedUTF8: ~Escapable {
    private let raw: Bytes
    private var index = 0
    /// The rest of a scalar that was escaped, lowest byte first.
    private var pending: UInt32 = 0
    private var pendingCount = 0

    @_lifetime(copy raw)
    init(_ raw: Bytes) {
        self.raw = raw
    }

    mutating func next() -> UInt8? {
        if self.pendingCount > 0 {
            self.pendingCount -= 1
            defer { self.pending >>= 8 }
            return UInt8(truncatingIfNeeded: self.pending)
        }
        guard self.index < self.raw.count else { return nil }
        let byte = self.raw[self.index]
        guard byte == ASCII.backslash else {
            self.index += 1
            return byte
        }
        return self.resolveEscape()
    }

    /// The first byte of what an escape stands for; the others become pending.
    private mutating func resolveEscape() -> UInt8 {
        let letter = self.raw[self.index + 1]
        self.index += 2
        switch letter {
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return ASCII.lineFeed
        case UInt8(ascii: "r"): return ASCII.carriageReturn
        case UInt8(ascii: "t"): return ASCII.tab
        case UInt8(ascii: "u"): return self.startScalar(self.readScalar())
        default: return letter  // quote, backslash, slash
        }
    }

    /// Reads the digits of one code unit, or of both of a pair.
    private mutating func readScalar() -> UInt32 {
        let unit = self.readCodeUnit()
        guard UTF16.isLeadSurrogate(unit) else { return UInt32(unit) }
        self.index += 2  // the second one's backslash and u
        let trail = self.readCodeUnit()
        return 0x1_0000 + (UInt32(unit & 0x3FF) << 10 | UInt32(trail & 0x3FF))
    }

    private mutating func readCodeUnit() -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            // Zero never stands in for a digit: the scanner has seen all four.
            unit = unit << 4 | UInt16(Hexadecimal.value(self.raw[self.index]) ?? 0)
            self.index += 1
        }
        return unit
    }

    /// Encodes a scalar (RFC 3629, section 3): returns the first byte and keeps the others.
    private mutating func startScalar(_ scalar: UInt32) -> UInt8 {
        func continuation(_ shift: UInt32) -> UInt32 { 0x80 | scalar >> shift & 0x3F }
        switch scalar {
        case 0..<0x80:
            return UInt8(truncatingIfNeeded: scalar)
        case 0x80..<0x800:
            (self.pending, self.pendingCount) = (continuation(0), 1)
            return UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
        case 0x800..<0x1_0000:
            (self.pending, self.pendingCount) = (continuation(6) | continuation(0) << 8, 2)
            return UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
        default:
            self.pending = continuation(12) | continuation(6) << 8 | continuation(0) << 16
            self.pendingCount = 3
            return UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
        }
    }
}
