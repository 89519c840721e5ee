package import LogValues

// The values that lines hold, read from borrowed bytes: the call is over before the bytes are.

extension UUID128 {
    package init?(canonical text: Bytes) {
        guard let value = text.withUnsafeBytes({ Self(canonical: $0) }) else { return nil }
        self = value
    }
}

extension Timestamp {
    package init?(logForm text: Bytes) {
        guard let value = text.withUnsafeBytes({ Self(logForm: $0) }) else { return nil }
        self = value
    }
}

extension Hash256 {
    package init?(base64URL text: Bytes) {
        guard let value = text.withUnsafeBytes({ Self(base64URL: $0) }) else { return nil }
        self = value
    }

    /// SHA-256 of `bytes` as they are.
    package init(hashing bytes: Bytes) {
        self = bytes.withUnsafeBytes { Self(hashing: $0) }
    }
}

extension Salt {
    package init?(base64URL text: Bytes) {
        guard let value = text.withUnsafeBytes({ Self(base64URL: $0) }) else { return nil }
        self = value
    }

    /// What a content with this salt is committed to: SHA-256(salt bytes || content bytes).
    package func commitment(to content: Bytes) -> Hash256 {
        content.withUnsafeBytes { self.commitment(to: $0) }
    }
}
