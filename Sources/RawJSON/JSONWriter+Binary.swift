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
        self.string(plainSize: Base64URL.length(ofBytes: data.count)) { Base64URL.encode(data, into: $0) }
    }
}
