package import LogValues

extension JSONWriter {
    /// Bytes as a string of lower-case hexadecimal digits.
    package mutating func hex(_ data: Bytes) {
        self.string(plainSize: data.count * 2) { output in
            for place in data.indices {
                output.append(Hexadecimal.digit(data[place] >> 4))
                output.append(Hexadecimal.digit(data[place] & 0xF))
            }
        }
    }

    /// Bytes as a string in base64url without padding (RFC 4648, section 5).
    package mutating func base64URL(_ data: Bytes) {
        self.string(plainSize: Base64.url.length(ofBytes: data.count)) { Base64.url.append(data, to: &$0) }
    }

    /// A UUID in its canonical form.
    package mutating func uuid(_ uuid: UUID128) {
        self.string(plainSize: UUID128.textSize) { uuid.append(to: &$0) }
    }

    /// A hash in base64url.
    package mutating func hash(_ hash: Hash256) {
        hash.withBytes { self.base64URL($0) }
    }

    /// A salt in base64url.
    package mutating func salt(_ salt: Salt) {
        salt.withBytes { self.base64URL($0) }
    }
}
