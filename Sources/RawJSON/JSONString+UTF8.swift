extension JSONString {
    /// The decoded text as UTF-8; no copy is made of a string without escapes.
    package func withUTF8<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        self.hasEscapes ? self.decodedUTF8().withUnsafeBytes(body) : body(self.raw)
    }
}
