import LogValues

/// Reads JSON that this target wrote itself, in its one spelling: literals and values in a fixed order.
///
/// Anything else is nil: the bytes have passed a checksum, so another spelling is another program's.
struct FixedText {
    private let bytes: UnsafeRawBufferPointer
    private var at = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { self.at == self.bytes.count }

    /// Whether `text` came next; then it is passed.
    mutating func literal(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard self.bytes.count - self.at >= count,
            self.bytes[self.at..<self.at + count]
                .elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: count))
        else { return false }
        self.at += count
        return true
    }

    /// A number of one to 19 digits without leading zeros, at most `Int64.max`.
    mutating func integer() -> UInt64? {
        let start = self.at
        var number: UInt64 = 0
        while self.at < self.bytes.count, self.at - start < 19,
            case let digit = self.bytes[self.at] &- UInt8(ascii: "0"), digit < 10
        {
            number = number * 10 + UInt64(digit)
            self.at += 1
        }
        guard self.at > start, self.bytes[start] != UInt8(ascii: "0") || self.at == start + 1,
            number <= SequenceNumber.last.rawValue
        else { return nil }
        return number
    }

    /// Everything up to the next quote, which is passed as well.
    ///
    /// No escapes.
    mutating func untilQuote() -> UnsafeRawBufferPointer? {
        guard let end = self.bytes[self.at...].firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        let text = UnsafeRawBufferPointer(rebasing: self.bytes[self.at..<end])
        self.at = end + 1
        return text.contains(UInt8(ascii: "\\")) ? nil : text
    }

    /// Quoted hashes with commas between them, up to the closing bracket, which is passed as well.
    mutating func hashes() -> [Hash256]? {
        var hashes: [Hash256] = []
        while !self.literal("]") {
            guard hashes.isEmpty || self.literal(","), self.literal("\""),
                let hash = self.untilQuote().flatMap({ Hash256(base64URL: $0) })
            else { return nil }
            hashes.append(hash)
        }
        return hashes
    }

    /// Everything that was not passed yet.
    var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self.bytes[self.at...]) }
}
