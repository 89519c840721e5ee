import LogValues

extension [UInt8] {
    /// Appends ASCII text that is part of the format.
    mutating func append(_ text: StaticString) {
        self.append(contentsOf: text.bytes)
    }
}
