extension JSONWriter {
    /// A number of up to 64 bits.
    package mutating func integer(isNegative: Bool, magnitude: UInt64) {
        self.beginValue()
        self.bytes.append(upTo: 20) { token in
            if isNegative { token.put(ASCII.minus) }
            token.put(decimal: magnitude)
        }
    }
}
