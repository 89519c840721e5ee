/// Text that came from elsewhere, in a form that may stand in a log line, an error or a terminal.
///
/// What ends a line, moves a cursor, or turns text around is written as an escape, and what is long is cut: whoever can say
/// something to this program is not to write lines of its log.
package enum ForeignText {
    /// Bytes of one text, escapes included, that are shown.
    package static let limit = 1_000

    /// The text as it may be shown.
    package static func shown(_ text: String, limit: Int = Self.limit) -> String {
        // Nearly all texts are such, and stay what they are.
        if text.utf8.count <= limit, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
        var shown = ""
        for scalar in text.unicodeScalars {
            let piece = Self.isHarmless(scalar) ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
            guard shown.utf8.count + piece.utf8.count <= limit else { return shown + "…" }
            shown += piece
        }
        return shown
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20...0x7E).contains(scalar.value) }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default:
            return true
        }
    }
}
