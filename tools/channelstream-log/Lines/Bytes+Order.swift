import RawJSON

extension Span<UInt8> {
    /// Less than zero, zero or greater, by the first byte that differs, or else by the sizes.
    func compare(_ bytes: [UInt8]) -> Int {
        for index in 0..<Swift.min(self.count, bytes.count) where self[index] != bytes[index] {
            return Int(self[index]) - Int(bytes[index])
        }
        return self.count - bytes.count
    }
}
