extension JSONWriter {
    /// A number of up to 64 bits.
    package mutating func integer(isNegative: Bool, magnitude: UInt64) {
        self.beginValue()
        if isNegative { self.bytes.append(ASCII.minus) }
        self.appendDigits(of: magnitude)
    }

    /// Digits from the end of a buffer that holds the longest number, so that nothing is reversed or allocated.
    private mutating func appendDigits(of magnitude: UInt64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = magnitude
            var start = digits.count
            repeat {
                start -= 1
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                digits[start] = ASCII.zero + UInt8(truncatingIfNeeded: digit)
                rest = quotient
            } while rest > 0
            self.bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(digits)[start...]))
        }
    }
}
