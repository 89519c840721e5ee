import LogValues

extension JSONWriter {
    /// A number of up to 64 bits.
    package mutating func integer(isNegative: Bool, magnitude: UInt64) {
        self.beginValue()
        self.bytes.append(upTo: 21) { token in
            if isNegative { token.append(ASCII.minus) }
            token.append(decimal: magnitude)
        }
    }
}
