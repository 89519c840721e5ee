package import LogValues

extension JSONWriter {
    /// Bytes as a string of lower-case hexadecimal digits.
    package mutating func hex(_ data: UnsafeRawBufferPointer) {
        self.beginValue()
        self.bytes.append(ASCII.quote)
        for byte in data {
            self.bytes.append(Hexadecimal.digit(byte >> 4))
            self.bytes.append(Hexadecimal.digit(byte & 0xF))
        }
        self.bytes.append(ASCII.quote)
    }

    /// Bytes as a string in base64url without padding (RFC 4648, section 5).
    package mutating func base64URL(_ data: UnsafeRawBufferPointer) {
        self.string(plainSize: Base64.url.length(ofBytes: data.count)) { Base64.url.encode(data, into: $0) }
    }

    /// A UUID in its canonical form.
    package mutating func uuid(_ uuid: UUID128) {
        self.string(plainSize: UUID128.textSize) { uuid.write(to: $0) }
    }

    /// A hash in base64url.
    package mutating func hash(_ hash: Hash256) {
        hash.withUnsafeBytes { self.base64URL($0) }
    }

    /// A salt in base64url.
    package mutating func salt(_ salt: Salt) {
        salt.withUnsafeBytes { self.base64URL($0) }
    }
}
