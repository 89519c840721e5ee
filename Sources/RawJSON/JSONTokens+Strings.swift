import LogValues

extension JSONTokens {
    /// Skips a string (RFC 8259, section 7), whose opening quote the caller has seen: UTF-8 and escapes are checked.
    ///
    /// - Returns: Whether it holds escapes.
    @inline(__always)
    func skipString(_ index: inout Int) throws(RawJSONError) -> Bool {
        index += 1
        var hasEscapes = false
        while true {
            self.skipPlain(&index)
            let byte = try self.byte(at: index)
            if byte == ASCII.quote {
                index += 1
                return hasEscapes
            }
            if byte >= 0x80 {
                try self.skipBeyondASCII(&index)
            } else if byte == ASCII.backslash {
                hasEscapes = true
                try self.skipEscape(&index)
            } else if byte < ASCII.space {
                throw .controlCharacter(byte, offset: index)
            } else {
                index += 1
            }
        }
    }

    /// Skips eight plain bytes at a time, and stops at the first that is not plain or less than eight bytes before the
    /// end of the text.
    @inline(__always)
    private func skipPlain(_ index: inout Int) {
        while self.size - index >= ByteLanes.count {
            let special = self.lanes(at: index).special
            guard special == 0 else {
                index += ByteLanes.leading(special)
                return
            }
            index += ByteLanes.count
        }
    }

    /// Skips an escape, or both of a surrogate pair.
    @inline(never)
    private func skipEscape(_ index: inout Int) throws(RawJSONError) {
        switch try self.byte(at: index + 1) {
        case ASCII.quote, ASCII.backslash, ASCII.slash, UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            index += 2
        case UInt8(ascii: "u"):
            let first = index
            let unit = try self.codeUnit(at: first + 2)
            index = first + 6
            guard UTF16.isSurrogate(unit) else { return }
            guard UTF16.isLeadSurrogate(unit), try self.byte(at: index) == ASCII.backslash,
                try self.byte(at: index + 1) == UInt8(ascii: "u"),
                UTF16.isTrailSurrogate(try self.codeUnit(at: index + 2))
            else { throw .loneSurrogate(offset: first) }
            index += 6
        default:
            throw .invalidEscape(offset: index + 1)
        }
    }

    /// The code unit that four hexadecimal digits spell.
    private func codeUnit(at index: Int) throws(RawJSONError) -> UInt16 {
        var unit: UInt16 = 0
        for digit in index..<index + 4 {
            guard let value = Hexadecimal.value(try self.byte(at: digit)) else { throw .invalidEscape(offset: digit) }
            unit = unit << 4 | UInt16(value)
        }
        return unit
    }

    /// Skips every UTF-8 sequence of more than one byte from here to the next ASCII byte (RFC 3629, section 4).
    @inline(never)
    private func skipBeyondASCII(_ index: inout Int) throws(RawJSONError) {
        while index < self.size, self[index] >= 0x80 {
            let size = self.sequenceSize(at: index)
            guard size > 0 else { throw .invalidUTF8(offset: index) }
            index += size
        }
    }

    /// The size of a well-formed sequence of two to four bytes, 0 if there is none.
    @inline(__always)
    private func sequenceSize(at index: Int) -> Int {
        // The second byte has the narrower bounds: they keep out overlong forms, surrogates, and above U+10FFFF.
        let size: Int
        let second: ClosedRange<UInt8>
        switch self[index] {
        case 0xC2...0xDF: (size, second) = (2, 0x80...0xBF)
        case 0xE0: (size, second) = (3, 0xA0...0xBF)
        case 0xED: (size, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (size, second) = (3, 0x80...0xBF)
        case 0xF0: (size, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (size, second) = (4, 0x80...0xBF)
        case 0xF4: (size, second) = (4, 0x80...0x8F)
        default: return 0
        }
        guard self.size - index >= size, second.contains(self[index + 1]) else { return 0 }
        if size > 2, self[index + 2] & 0xC0 != 0x80 { return 0 }
        if size > 3, self[index + 3] & 0xC0 != 0x80 { return 0 }
        return size
    }
}
