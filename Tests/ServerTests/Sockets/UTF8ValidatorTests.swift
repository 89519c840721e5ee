import Testing

@testable import Web

@Suite("UTF-8 in pieces")
struct UTF8ValidatorTests {
    static func isValid(_ bytes: [UInt8]) -> Bool {
        var validator = UTF8Validator()
        return validator.feed(bytes) && validator.isComplete
    }

    @Test("every scalar passes, and nothing is complete in the middle of one")
    func acceptsScalars() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let bytes = Array(UTF8.encode(scalar) ?? UTF8.EncodedScalar())
            var validator = UTF8Validator()
            for (index, byte) in bytes.enumerated() {
                guard validator.feed(byte), validator.isComplete == (index == bytes.count - 1) else {
                    Issue.record("U+\(String(value, radix: 16)) fails at byte \(index)")
                    return
                }
            }
        }
    }

    @Test("two and three bytes are judged as the standard library judges them")
    func agreesWithTheStandardLibrary() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let rest: [[UInt8]] = [[], [0x80], [0xBF], [0x61]]
                for tail in rest {
                    let bytes = [first, second] + tail
                    let isRight = String(validating: bytes, as: UTF8.self) != nil
                    guard Self.isValid(bytes) == isRight else {
                        Issue.record("\(bytes) is judged wrong")
                        return
                    }
                }
            }
        }
    }

    @Test("four bytes end at U+10FFFF")
    func rejectsBeyondUnicode() {
        #expect(Self.isValid([0xF4, 0x8F, 0xBF, 0xBF]))
        #expect(!Self.isValid([0xF4, 0x90, 0x80, 0x80]))
        #expect(!Self.isValid([0xF5, 0x80, 0x80, 0x80]))
        #expect(!Self.isValid([0xF0, 0x8F, 0xBF, 0xBF]))
    }
}
