/// RFC 4180, made harmless for who opens it: names and texts come from outside.
///
/// What is to be exact is NDJSON.
enum CSV {
    /// Appends a field, in quotes if it must be.
    ///
    /// Control characters are written as `\u{…}`, so that a row is one line; and before what a spreadsheet would take for a
    /// formula stands an apostrophe, by which it takes it for text.
    static func append(_ field: some Collection<UInt8>, to row: inout [UInt8]) {
        var text: [UInt8] = []
        if self.looksLikeFormula(field) { text.append(UInt8(ascii: "'")) }
        TerminalText.append(field, to: &text)
        guard text.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") }) else {
            row.append(contentsOf: text)
            return
        }
        row.append(UInt8(ascii: "\""))
        for byte in text {
            if byte == UInt8(ascii: "\"") { row.append(byte) }
            row.append(byte)
        }
        row.append(UInt8(ascii: "\""))
    }

    /// The signs with which a formula begins, and their wide forms, which some spreadsheets take for the same.
    private static let formulaSigns: [[UInt8]] = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"].map {
        Array($0.utf8)
    }

    private static func looksLikeFormula(_ field: some Collection<UInt8>) -> Bool {
        let start = field.drop { $0 == UInt8(ascii: " ") }
        guard let first = start.first, first < UInt8(ascii: "A") || first > UInt8(ascii: "z") else { return false }
        return self.formulaSigns.contains { start.starts(with: $0) }
    }
}
