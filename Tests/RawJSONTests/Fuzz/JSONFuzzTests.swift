import Foundation
import RawJSON
import Testing

/// What `JSONSerialization` makes of a text, nil if it refuses it.
private func foundation(_ text: [UInt8]) -> Any? {
    try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)
}

/// A text that Foundation takes although RFC 8259 does not: how it has to be changed to be judged alike.
private enum Leniency {
    case trailingComma(at: Int)
    case byteOrderMark
    /// A zero byte near the start, or a mark of UTF-16: Foundation reads another encoding then.
    case otherEncoding

    init?(_ text: [UInt8], _ trouble: RawJSONError) {
        if text.starts(with: [0xEF, 0xBB, 0xBF]) {
            self = .byteOrderMark
        } else if text.prefix(4).contains(0) || text.starts(with: [0xFE, 0xFF]) || text.starts(with: [0xFF, 0xFE]) {
            self = .otherEncoding
        } else if case .unexpectedByte(UInt8(ascii: "]"), let end) = trouble, let comma = Self.comma(text, before: end)
        {
            self = .trailingComma(at: comma)
        } else if case .unexpectedByte(UInt8(ascii: "}"), let end) = trouble, let comma = Self.comma(text, before: end)
        {
            self = .trailingComma(at: comma)
        } else {
            return nil
        }
    }

    private static func comma(_ text: [UInt8], before end: Int) -> Int? {
        let last = text[..<end].lastIndex { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return last.flatMap { text[$0] == UInt8(ascii: ",") ? $0 : nil }
    }
}

@Suite("Fuzzing against Foundation's parser")
struct JSONFuzzTests {
    private static let textsPerSeed = 250
    private static let mutantsPerText = 6

    @Test("a valid text is read as Foundation reads it", arguments: 1...4 as ClosedRange<UInt64>)
    func validTexts(seed: UInt64) throws {
        var generator = JSONGenerator(seed: seed)
        for _ in 0..<Self.textsPerSeed {
            let text = generator.text()
            let tree = try JSONTree.read(text).get()
            if let other = foundation(text) {
                #expect(tree.agrees(with: other), "seed \(seed): \(String(decoding: text, as: UTF8.self))")
            } else {
                #expect(tree.overflows, "seed \(seed): \(String(decoding: text, as: UTF8.self))")
            }
        }
    }

    @Test(
        "a mutated text is judged, and read, as Foundation does but for what it is known to let pass",
        arguments: 1...4 as ClosedRange<UInt64>
    )
    func mutants(seed: UInt64) {
        var generator = JSONGenerator(seed: seed)
        var verdicts = (accepted: 0, refused: 0)
        for _ in 0..<Self.textsPerSeed {
            let text = generator.text()
            for _ in 0..<Self.mutantsPerText {
                let mutant = generator.mutant(of: text)
                #expect(Self.isJudgedAlike(mutant), "seed \(seed): \(mutant)")
                if Text.trouble(with: mutant) == nil { verdicts.accepted += 1 } else { verdicts.refused += 1 }
            }
        }
        // Mutants that are all of one kind would test little.
        #expect(verdicts.accepted > 100 && verdicts.refused > 100)
    }

    @Test(
        "skipping a value whole, and reading it part by part, find the same error",
        arguments: 5...8 as ClosedRange<UInt64>
    )
    func skippingAndPulling(seed: UInt64) {
        var generator = JSONGenerator(seed: seed)
        for _ in 0..<Self.textsPerSeed {
            let text = generator.text()
            for _ in 0..<Self.mutantsPerText {
                let mutant = generator.mutant(of: text)
                let pulled: RawJSONError? =
                    if case .failure(let trouble) = JSONTree.read(mutant) { trouble } else { nil }
                let skipped = Text.trouble(with: mutant, maximumDepth: JSONScanner.deepestLimit)
                #expect(pulled == skipped, "seed \(seed): \(mutant)")
            }
        }
    }

    @Test("an owned copy is compact, stays as it is, and reads the same", arguments: 9...10 as ClosedRange<UInt64>)
    func ownedCopies(seed: UInt64) throws {
        var generator = JSONGenerator(seed: seed)
        for _ in 0..<Self.textsPerSeed {
            let text = generator.text()
            let json = try RawJSON(validating: text)
            #expect(try JSONTree.read(json.bytes).get() == JSONTree.read(text).get())
            #expect(try RawJSON(validating: json.bytes) == json)
            #expect(json.bytes.count <= text.count)
            #expect(!json.bytes.contains(UInt8(ascii: "\n")))
        }
    }

    @Test("what is written reads the same, here and in Foundation", arguments: 11...12 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var generator = JSONGenerator(seed: seed)
        for _ in 0..<Self.textsPerSeed {
            let tree = try JSONTree.read(generator.text()).get().withWholeNumbers
            var writer = JSONWriter()
            tree.write(into: &writer)
            #expect(try JSONTree.read(writer.bytes).get() == tree)
            #expect(try RawJSON(validating: writer.bytes).bytes == writer.bytes)
            let other = try #require(foundation(writer.bytes))
            #expect(tree.agrees(with: other))
        }
    }

    private static func isJudgedAlike(_ text: [UInt8]) -> Bool {
        let other = foundation(text)
        switch JSONTree.read(text) {
        case .success(let tree):
            // Foundation drops a U+FEFF at the start of a string, and behind an escape: only the verdict can be compared.
            let dropsBytes = text.contains([0xEF, 0xBB, 0xBF])
            return other.map { dropsBytes || tree.agrees(with: $0) } ?? tree.overflows
        case .failure(let trouble):
            guard other != nil else { return true }
            switch Leniency(text, trouble) {
            case .otherEncoding: return true
            case .byteOrderMark: return Self.isJudgedAlike(Array(text.dropFirst(3)))
            case .trailingComma(let index): return Self.isJudgedAlike(Array(text[..<index] + text[(index + 1)...]))
            case nil: return false
            }
        }
    }
}
