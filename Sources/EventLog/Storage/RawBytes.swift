import RawJSON

extension [UInt8] {
    /// Lends the bytes; unlike `withUnsafeBytes`, keeps the type of what the closure throws.
    func withRawBytes<R, E>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try self.withUnsafeBufferPointer { buffer throws(E) in try body(UnsafeRawBufferPointer(buffer)) }
    }

    /// Lends the bytes to be changed; unlike `withUnsafeMutableBytes`, keeps the type of what the closure throws.
    mutating func withMutableRawBytes<R, E>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try self.withUnsafeMutableBufferPointer { buffer throws(E) in
            try body(UnsafeMutableRawBufferPointer(buffer))
        }
    }

    /// Appends ASCII text that is part of the format.
    mutating func append(_ text: StaticString) {
        self.append(contentsOf: text.bytes)
    }
}
