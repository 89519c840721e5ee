import LogValues
import RawJSON

/// Reads JSON that this target wrote itself, in its one spelling: literals and values in a fixed order.
///
/// Anything else is nil: the bytes have passed a checksum, so another spelling is another program's.
struct FixedText: ~Escapable {
    private let bytes: Bytes
    private var at = 0

    @_lifetime(copy bytes)
    init(_ bytes: Bytes) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { self.at == self.bytes.count }

    /// Whether `text` came next; then it is passed.
    mutating func literal(_ text: StaticString) -> Bool {
        guard self.bytes.holds(text, at: self.at) else { return false }
        self.at += text.utf8CodeUnitCount
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
    @_lifetime(copy self)
    mutating func untilQuote() -> Bytes? {
        guard let end = self.bytes.firstIndex(of: UInt8(ascii: "\""), from: self.at) else { return nil }
        let text = self.bytes.extracting(self.at..<end)
        self.at = end + 1
        return text.firstIndex(of: UInt8(ascii: "\\")) == nil ? text : nil
    }

    /// A hash up to the next quote, which is passed as well.
    mutating func hash() -> Hash256? {
        guard let text = self.untilQuote() else { return nil }
        return Hash256(base64URL: text)
    }

    /// Quoted hashes with commas between them, up to the closing bracket, which is passed as well.
    mutating func hashes() -> [Hash256]? {
        var hashes: [Hash256] = []
        while !self.literal("]") {
            guard hashes.isEmpty || self.literal(","), self.literal("\""), let hash = self.hash() else { return nil }
            hashes.append(hash)
        }
        return hashes
    }

    /// Everything that was not passed yet.
    var rest: Bytes {
        @_lifetime(copy self)
        get { self.bytes.extracting(self.at...) }
    }
}
