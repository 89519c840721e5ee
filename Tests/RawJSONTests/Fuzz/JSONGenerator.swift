import TestSupport

/// Makes texts by chance: valid ones with all that the grammar has, and mutants of them that are mostly not valid.
struct JSONGenerator {
    private var chance: SeededGenerator

    init(seed: UInt64) {
        self.chance = SeededGenerator(seed: seed)
    }

    /// A valid text, white space included.
    mutating func text() -> [UInt8] {
        Array((self.space() + self.value(depth: 0) + self.space()).utf8)
    }

    /// The text after one to three changes, each of a few bytes.
    mutating func mutant(of text: [UInt8]) -> [UInt8] {
        var text = text
        for _ in 0..<Int.random(in: 1...3, using: &self.chance) where !text.isEmpty { self.mutate(&text) }
        return text
    }

    private mutating func mutate(_ text: inout [UInt8]) {
        let index = Int.random(in: text.indices, using: &self.chance)
        let end = min(text.count, index + Int.random(in: 1...6, using: &self.chance))
        switch Int.random(in: 0..<7, using: &self.chance) {
        case 0: text[index] = self.tellingByte()
        case 1: text[index] ^= 1 << UInt8.random(in: 0..<8, using: &self.chance)
        case 2: text.insert(self.tellingByte(), at: index)
        case 3: text.removeSubrange(index..<end)
        case 4: text.insert(contentsOf: text[index..<end], at: Int.random(in: text.indices, using: &self.chance))
        case 5: text.removeSubrange(end...)
        default: text.swapAt(index, Int.random(in: text.indices, using: &self.chance))
        }
    }

    /// A byte that means something to the grammar or to UTF-8.
    private mutating func tellingByte() -> UInt8 {
        self.chance.pick(
            Array("{}[]\",:\\ue-+.0159tfn /\n\t\0".utf8) + [0x1F, 0x7F, 0x80, 0xBF, 0xC3, 0xED, 0xF0, 0xFF]
        )
    }

    private mutating func value(depth: Int) -> String {
        switch Int.random(in: 0..<(depth < 5 ? 9 : 6), using: &self.chance) {
        case 0: "null"
        case 1: self.chance.pick(["true", "false"])
        case 2, 3: self.number()
        case 4, 5: self.string()
        case 6: self.container("{", "}") { $0.string() + $0.space() + ":" + $0.space() + $0.value(depth: depth + 1) }
        default: self.container("[", "]") { $0.value(depth: depth + 1) }
        }
    }

    private mutating func container(_ open: String, _ close: String, item: (inout Self) -> String) -> String {
        let items = (0..<Int.random(in: 0...4, using: &self.chance)).map { _ in
            self.space() + item(&self) + self.space()
        }
        return open + (items.isEmpty ? self.space() : items.joined(separator: ",")) + close
    }

    private mutating func number() -> String {
        var text = self.chance.pick(["", "-"])
        text += self.chance.pick(["0", "7", "10", "\(UInt64.random(in: 1..<1 << 60, using: &self.chance))"])
        if self.chance.chance(30) { text += ".\(self.chance.pick(["0", "5", "00", "125", "10"]))" }
        if self.chance.chance(20) { text += self.chance.pick(["e5", "E5", "e+12", "E-7", "e00", "e-300", "e400"]) }
        return text
    }

    private mutating func string() -> String {
        let parts = [
            "", "a", "key", "plain text of some length", " ", "/", "é", "Ж", "€", "漢字", "😀", "\u{7F}", "\u{2028}",
            "\u{FFFF}", #"\""#, #"\\"#, #"\/"#, #"\b\f\n\r\t"#, #"\u0041"#, #"\u00e9"#, #"\uABCD"#, #"\u0000"#,
            #"\ud83d\ude00"#, #"\\u0041"#, "[1,2]", "{}",
        ]
        return "\"" + self.chance.picks(parts, upTo: 5).joined() + "\""
    }

    private mutating func space() -> String {
        self.chance.chance(75) ? "" : self.chance.pick([" ", "\n", "\r\n", "\t", "   "])
    }
}
