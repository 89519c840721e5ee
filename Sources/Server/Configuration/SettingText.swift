/// Small rules about text that the configuration's sources share.
enum SettingText {
    /// Text in quotes for a message: at most 60 characters, and no control characters, so that what stands in a file
    /// or a variable cannot write lines of its own into a log.
    static func quoted(_ text: some StringProtocol) -> String {
        let limit = 60
        var shown = ""
        for scalar in text.unicodeScalars.prefix(limit) {
            shown += scalar.properties.generalCategory == .control ? "\u{fffd}" : String(scalar)
        }
        return "\"" + shown + (text.unicodeScalars.count > limit ? "…" : "") + "\""
    }

    /// Without blanks, tabs and line ends on both sides.
    static func trimmed(_ text: some StringProtocol) -> String {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
        let utf8 = Array(text.utf8)
        guard let first = utf8.firstIndex(where: { !isBlank($0) }) else { return "" }
        guard let last = utf8.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(decoding: utf8[first...last], as: UTF8.self)
    }

    /// Lines of at most `width` characters, broken at blanks; a longer word has a line of its own.
    static func wrapped(_ text: String, width: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            let last = lines.count - 1
            if lines[last].isEmpty {
                lines[last] = String(word)
            } else if lines[last].count + 1 + word.count <= width {
                lines[last] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    /// The name that was probably meant, if one is near enough.
    ///
    /// - Returns: The candidate with the fewest single-letter changes: at most two, and at most a third of the name.
    static func nearest(to name: String, among candidates: [String]) -> String? {
        let allowed = min(2, max(1, name.utf8.count / 3))
        return
            candidates
            .map { (name: $0, distance: Self.editDistance(name, $0)) }
            .filter { $0.distance <= allowed }
            .min { $0.distance < $1.distance }?.name
    }

    /// Levenshtein distance with swaps of neighbours counted as one change ("prot" is one away from "port").
    static func editDistance(_ a: String, _ b: String) -> Int {
        let a = Array(a.utf8)
        let b = Array(b.utf8)
        // Nobody mistypes names of such a length, and the table would grow with what a stranger may have written.
        guard a.count <= 64, b.count <= 64 else { return Int.max }
        var rows = [Array(0...b.count)]
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var best = min(rows[i][j] + (a[i] == b[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
