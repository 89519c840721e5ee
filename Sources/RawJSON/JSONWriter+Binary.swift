extension JSONWriter {
    /// Bytes as a string of lower-case hexadecimal digits.
    package mutating func hex(_ data: UnsafeRawBufferPointer) {
        self.beginValue()
        self.bytes.append(ASCII.quote)
        for byte in data {
            self.bytes.append(JSONEscaping.hexDigit(byte >> 4))
            self.bytes.append(JSONEscaping.hexDigit(byte & 0xF))
        }
        self.bytes.append(ASCII.quote)
    }

    /// Bytes as a string in base64url without padding (RFC 4648, section 5).
    package mutating func base64URL(_ data: UnsafeRawBufferPointer) {
        self.beginValue()
        self.bytes.append(ASCII.quote)
        var group: UInt32 = 0
        var groupBits = 0
        for byte in data {
            group = group << 8 | UInt32(byte)
            groupBits += 8
            while groupBits >= 6 {
                groupBits -= 6
                self.bytes.append(Self.base64Digit(group >> UInt32(groupBits)))
            }
        }
        if groupBits > 0 { self.bytes.append(Self.base64Digit(group << UInt32(6 - groupBits))) }
        self.bytes.append(ASCII.quote)
    }

    /// The digit of the lowest six bits.
    private static func base64Digit(_ bits: UInt32) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: bits & 0x3F)
        switch value {
        case 0..<26: return UInt8(ascii: "A") + value
        case 26..<52: return UInt8(ascii: "a") + value - 26
        case 52..<62: return ASCII.zero + value - 52
        case 62: return ASCII.minus
        default: return UInt8(ascii: "_")
        }
    }
}
