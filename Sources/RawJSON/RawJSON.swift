package import LogValues

/// An owned JSON value: validated, on one line, otherwise the bytes that came in.
///
/// Numbers, the order and the repetition of names, and escapes are kept as they were written; only white space outside
/// strings is dropped, so that the value can stand in a line of the log. Equality is that of the bytes: `1.0` and `1`
/// differ.
package struct RawJSON: Hashable, Sendable {
    /// The object without members, `{}`.
    package static let emptyObject = RawJSON(trusted: Array("{}".utf8))
    /// The value `null`.
    package static let null = RawJSON(trusted: Array("null".utf8))

    package let bytes: [UInt8]

    /// Checks a text that holds one value, and white space around it at most.
    ///
    /// - Parameters:
    ///   - text: UTF-8, without a byte order mark.
    ///   - maximumDepth: How many containers may be open at a time. The default leaves room for what the log puts
    ///     around a value, below the depth of 256 at which jq 1.6 stops.
    /// - Throws: What is wrong with the text, at the first byte that shows it.
    package init(validating text: [UInt8], maximumDepth: Int = 200) throws(RawJSONError) {
        try self.init(validating: text.span, maximumDepth: maximumDepth)
    }

    /// Checks a text that lies in a collection of any kind, copying it first.
    @_disfavoredOverload
    package init(validating text: some Collection<UInt8>, maximumDepth: Int = 200) throws(RawJSONError) {
        try self.init(validating: Array(text), maximumDepth: maximumDepth)
    }

    /// Checks a text where it lies.
    package init(validating text: Bytes, maximumDepth: Int = 200) throws(RawJSONError) {
        var scanner = JSONScanner(text, maximumDepth: maximumDepth)
        let value = try scanner.readValue()
        try scanner.finish()
        self.init(copying: value)
    }

    /// Takes over bytes that are known to be one compact value, such as what ``JSONWriter`` wrote.
    package init(trusted bytes: [UInt8]) {
        assert(Self.isCompactValue(bytes), "trusted bytes are one valid JSON value without white space")
        self.bytes = bytes
    }

    init(copying slice: JSONSlice) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(slice.bytes.count)
        slice.appendCompacted(to: &bytes)
        self.bytes = bytes
    }

    package var kind: JSONScanner.Kind {
        guard let first = self.bytes.first, let kind = JSONScanner.Kind(first: first) else {
            preconditionFailure("a RawJSON holds one valid value")
        }
        return kind
    }

    /// Lends a scanner that stands before the value.
    package func withScanner<Result, Failure: Error>(
        _ body: (inout JSONScanner) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var scanner = JSONScanner(self.bytes.span, maximumDepth: JSONScanner.deepestLimit)
        return try body(&scanner)
    }

    private static func isCompactValue(_ bytes: [UInt8]) -> Bool {
        (try? RawJSON(validating: bytes, maximumDepth: JSONScanner.deepestLimit))?.bytes == bytes
    }
}

extension RawJSON: CustomStringConvertible {
    package var description: String { String(decoding: self.bytes, as: UTF8.self) }
}
