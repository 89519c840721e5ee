/// The name of a node, part of every event's identity.
///
/// A log is read whatever stands in it; a node that is configured, or that comes from elsewhere, needs a name that
/// ``init(allowed:)`` takes.
package struct NodeName: Name {
    /// Bytes that a name may have.
    package static let lengthLimit = 64

    package let utf8: [UInt8]

    package init(utf8: [UInt8]) {
        self.utf8 = utf8
    }

    /// 1 to 64 letters, digits, dots, dashes or underscores; nil for anything else.
    ///
    /// The name stands in every event line, in signed notes, whose format has no room for blanks and plus signs, in
    /// metrics and in log lines.
    package init?(allowed text: some StringProtocol) {
        self.init(allowed: Array(text.utf8))
    }

    /// The same from UTF-8.
    package init?(allowed utf8: [UInt8]) {
        let isName = utf8.allSatisfy { byte in
            (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte)
                || byte == 0x2d || byte == 0x2e || byte == 0x5f
        }
        guard isName, (1...Self.lengthLimit).contains(utf8.count) else { return nil }
        self.utf8 = utf8
    }
}
