import LogValues

/// The tokens in a text: each function takes the index at which one starts and moves it behind the end.
///
/// It never changes, so that the index, in a register, is all that moves in the hot loops. Every access is checked
/// against the size first: malformed bytes throw, and cannot make it read beyond the text. That is why its two reads, the
/// inner loop of the scanner, do without a second check.
struct JSONTokens: ~Escapable {
    private let bytes: Bytes

    @_lifetime(copy bytes)
    init(_ bytes: Bytes) {
        self.bytes = bytes
    }

    /// In bytes.
    @inline(__always)
    var size: Int { self.bytes.count }

    /// The byte at an index that was compared with `size`.
    @inline(__always)
    subscript(_ index: Int) -> UInt8 {
        assert(index >= 0 && index < self.size, "an index is compared with the size before it is read")
        return unsafe self.bytes[unchecked: index]
    }

    @inline(__always)
    func byte(at index: Int) throws(RawJSONError) -> UInt8 {
        guard index < self.size else { throw .unexpectedEnd(offset: self.size) }
        return self[index]
    }

    /// Eight bytes from an index that lies at least eight before `size`.
    @inline(__always)
    func lanes(at index: Int) -> ByteLanes {
        assert(
            index >= 0 && self.size - index >= ByteLanes.count,
            "an index is compared with the size before it is read"
        )
        return ByteLanes(unsafe self.bytes.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self))
    }

    @inline(__always)
    @_lifetime(copy self)
    func slice(_ start: Int, _ end: Int) -> Bytes { self.bytes.extracting(start..<end) }

    /// Skips white space (RFC 8259, section 2).
    ///
    /// - Returns: Whether there was any.
    @inline(__always)
    func skipSpace(_ index: inout Int) -> Bool {
        guard index < self.size, self[index] <= ASCII.space else { return false }
        return self.skipSpaceRun(&index)
    }

    @inline(never)
    private func skipSpaceRun(_ index: inout Int) -> Bool {
        let start = index
        while index < self.size, ASCII.isSpace(self[index]) { index += 1 }
        return index > start
    }

    /// Skips `true`, `false` or `null`, whose first byte the caller has seen.
    func skipLiteral(_ literal: StaticString, _ index: inout Int) throws(RawJSONError) {
        let start = index
        let letters = literal.bytes
        for at in letters.indices {
            guard try self.byte(at: index) == letters[at] else { throw .invalidLiteral(offset: start) }
            index += 1
        }
    }

    /// Skips a number (RFC 8259, section 6), whose first byte is a minus or a digit.
    ///
    /// - Returns: Whether it is a plain integer, without fraction and exponent.
    func skipNumber(_ index: inout Int) throws(RawJSONError) -> Bool {
        let start = index
        var isInteger = true
        if self[index] == ASCII.minus { index += 1 }
        if index < self.size, self[index] == ASCII.zero {
            index += 1
            if index < self.size, ASCII.isDigit(self[index]) { throw .invalidNumber(offset: index) }
        } else {
            try self.skipDigits(&index)
        }
        if index < self.size, self[index] == ASCII.point {
            isInteger = false
            index += 1
            try self.skipDigits(&index)
        }
        if index < self.size, self[index] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            index += 1
            if index < self.size, self[index] == ASCII.plus || self[index] == ASCII.minus { index += 1 }
            try self.skipDigits(&index)
        }
        guard index - start <= JSONScanner.maximumNumberSize else { throw .numberTooLong(offset: start) }
        return isInteger
    }

    /// Skips one digit at least.
    @inline(__always)
    private func skipDigits(_ index: inout Int) throws(RawJSONError) {
        guard ASCII.isDigit(try self.byte(at: index)) else { throw .invalidNumber(offset: index) }
        repeat { index += 1 } while index < self.size && ASCII.isDigit(self[index])
    }

    /// The value of a plain integer that `skipNumber` has seen, nil if it is beyond 64 bits.
    func integer(_ start: Int, _ end: Int) -> Int64? {
        let isNegative = self[start] == ASCII.minus
        var value: Int64 = 0
        for index in (isNegative ? start + 1 : start)..<end {
            let digit = Int64(self[index] - ASCII.zero)
            let (tenfold, multiplyOverflow) = value.multipliedReportingOverflow(by: 10)
            // Negative numbers are built from below: the least one has no positive counterpart.
            let (sum, addOverflow) =
                isNegative ? tenfold.subtractingReportingOverflow(digit) : tenfold.addingReportingOverflow(digit)
            if multiplyOverflow || addOverflow { return nil }
            value = sum
        }
        return value
    }
}
