import LogValues
import RawJSON

/// What the tests of this target have in common: a text as bytes, and a scanner over it.
enum Text {
    /// Lends a scanner over a text.
    static func scan<Result>(
        _ text: String,
        maximumDepth: Int = 64,
        _ body: (inout JSONScanner) throws -> Result
    ) rethrows -> Result {
        try Self.scan(Array(text.utf8), maximumDepth: maximumDepth, body)
    }

    static func scan<Result>(
        _ text: [UInt8],
        maximumDepth: Int = 64,
        _ body: (inout JSONScanner) throws -> Result
    ) rethrows -> Result {
        var scanner = JSONScanner(text.span, maximumDepth: maximumDepth)
        return try body(&scanner)
    }

    /// Why a text is refused, nil if it is one valid value.
    static func trouble(with text: [UInt8], maximumDepth: Int = 64) -> RawJSONError? {
        Self.trouble(with: text.span, maximumDepth: maximumDepth)
    }

    static func trouble(with text: Bytes, maximumDepth: Int = 64) -> RawJSONError? {
        var scanner = JSONScanner(text, maximumDepth: maximumDepth)
        do {
            try scanner.skipValue()
            try scanner.finish()
            return nil
        } catch {
            return error
        }
    }
}
