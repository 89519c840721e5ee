import LogValues
import Testing

@testable import RawJSON

@Suite("Tokens: bytes of strings")
struct JSONTokensTests {
    @Test(
        "each of the 256 bytes is told apart in each of eight lanes",
        arguments: [0x61, 0x22, 0x5C, 0x00, 0x80, 0xFF]
    )
    func lanes(neighbour: UInt8) {
        for byte in UInt8.min...UInt8.max {
            for lane in 0..<ByteLanes.count {
                // Only what lies before the first hit is plain; behind it, anything may follow.
                var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: lane) + [byte]
                bytes += [UInt8](repeating: neighbour, count: ByteLanes.count - bytes.count)
                let lanes = ByteLanes(bytes.span.word(at: 0))
                #expect(Self.first(lanes.special) == bytes.firstIndex { JSONEscaping.isNeeded($0) || $0 >= 0x80 })
                #expect(Self.first(lanes.escaped) == bytes.firstIndex(where: JSONEscaping.isNeeded))
            }
        }
    }

    private static func first(_ mask: UInt64) -> Int? { mask == 0 ? nil : ByteLanes.leading(mask) }

    @Test("UTF-8 is what the standard library holds for it, at every boundary of RFC 3629")
    func boundariesOfUTF8() {
        let bounds: [UInt8] = [
            0x20, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
            0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFF,
        ]
        var wrong: [[UInt8]] = []
        for first in bounds {
            for second in bounds {
                for third in bounds {
                    for fourth in [0x7F, 0x80, 0xBF, 0xC0] as [UInt8] {
                        let text = [first, second, third, fourth]
                        if Self.isAccepted(text) != (String(validating: text, as: UTF8.self) != nil) {
                            wrong.append(text)
                        }
                    }
                }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test("a byte that is not UTF-8 is found at its offset", arguments: 0..<20)
    func offsetOfInvalidUTF8(plain: Int) {
        let start = [UInt8(ascii: "\"")] + [UInt8](repeating: UInt8(ascii: "x"), count: plain)
        for bad in [[0x80], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xED, 0xA0, 0x80], [0xC0, 0xAF]] as [[UInt8]] {
            #expect(Text.trouble(with: start + bad + [UInt8(ascii: "\"")]) == .invalidUTF8(offset: start.count))
            #expect(Text.trouble(with: start + bad) == .invalidUTF8(offset: start.count))
        }
    }

    private static func isAccepted(_ text: [UInt8]) -> Bool {
        Text.trouble(with: [UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")]) == nil
    }
}
