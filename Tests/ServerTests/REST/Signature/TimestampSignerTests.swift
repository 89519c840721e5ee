import Foundation
import Testing

@testable import Web

@Suite("Signatures")
struct TimestampSignerTests {
    private struct Vectors: Decodable {
        let sign: [Signed]
        let verify: [Verified]
    }

    struct Signed: Decodable, Sendable, CustomTestStringConvertible {
        let what: String
        let secret: String
        let value: String
        let seconds: Int64
        let token: String
        var testDescription: String { self.what }
    }

    struct Verified: Decodable, Sendable, CustomTestStringConvertible {
        let what: String
        let secret: String
        /// Hexadecimal: tokens need not be UTF-8.
        let token: String
        let now: Int64
        let ok: Bool
        let ageless: Bool?
        let stricter: Bool?
        var testDescription: String { self.what }
    }

    private static let vectors = try? fixture("itsdangerous.json", as: Vectors.self)
    private static let signer = TimestampSigner(secret: "secret")
    private static let token = "channelstream.X14QAA.QLT3kgcJYg14C3PAy4wtyg5uGgI"
    private static let signedAt: Int64 = 1_600_000_000

    @Test("the vectors are there")
    func vectorsAreThere() throws {
        let vectors = try #require(Self.vectors)
        #expect(vectors.sign.count >= 20)
        #expect(vectors.verify.count >= 60)
    }

    @Test("a token is signed as itsdangerous signs it", arguments: Self.vectors?.sign ?? [])
    func signs(vector: Signed) {
        #expect(TimestampSigner(secret: vector.secret).sign(vector.value, at: vector.seconds) == vector.token)
    }

    @Test("a token is accepted as itsdangerous accepts it, or more strictly", arguments: Self.vectors?.verify ?? [])
    func verifies(vector: Verified) {
        let isAccepted = Self.isAccepted(
            Self.bytes(hexadecimal: vector.token),
            secret: vector.secret,
            now: vector.ageless == true ? nil : vector.now
        )
        #expect(isAccepted == (vector.ok && vector.stricter != true))
    }

    @Test(
        "a signature is good from 60 seconds before its time to 60 seconds after",
        arguments: [(-61, false), (-60, true), (-1, true), (0, true), (60, true), (61, false), (3_600, false)]
    )
    func hasALifetime(age: Int64, isGood: Bool) {
        #expect(Self.isAccepted(Array(Self.token.utf8), now: Self.signedAt + age) == isGood)
    }

    @Test("why a signature is refused is told apart")
    func refusals() {
        #expect(throws: TimestampSigner.Refusal.expired) { try Self.verify(Self.token, now: Self.signedAt + 61) }
        #expect(throws: TimestampSigner.Refusal.fromTheFuture) { try Self.verify(Self.token, now: Self.signedAt - 61) }
        #expect(throws: TimestampSigner.Refusal.mismatch) { try Self.verify("a.b.c", now: nil) }
        #expect(throws: TimestampSigner.Refusal.malformed) { try Self.verify("secret", now: nil) }
    }

    @Test("no clock makes verifying trap", arguments: [Int64.min, -1, 0, Int64.max])
    func anyClock(now: Int64) {
        #expect(!Self.isAccepted(Array(Self.token.utf8), now: now))
    }

    @Test("a token of any byte at any place is refused, never worse")
    func anyByteChanged() {
        let good = Array(Self.token.utf8)
        for index in good.indices {
            for byte in UInt8.min...UInt8.max where byte != good[index] {
                var bytes = good
                bytes[index] = byte
                // The last character carries two spare bits: three other spellings stand for the same signature.
                let isSpelling = index == good.count - 1 && [UInt8(ascii: "J"), 0x4B, 0x4C].contains(byte)
                #expect(Self.isAccepted(bytes, now: Self.signedAt) == isSpelling, "\(index) \(byte)")
            }
        }
    }

    @Test("a token of 100 KB is refused")
    func huge() {
        let value = String(repeating: "a", count: 100_000)
        let token = Self.signer.sign(value, at: Self.signedAt)
        #expect(!Self.isAccepted(Array(token.utf8), now: Self.signedAt))
    }

    private static func verify(_ token: String, now: Int64?) throws {
        try self.signer.verify(token.utf8Span.span, now: now)
    }

    private static func isAccepted(_ token: [UInt8], secret: String = "secret", now: Int64?) -> Bool {
        let signer = TimestampSigner(secret: secret)
        return (try? signer.verify(token.span, now: now)) != nil
    }

    private static func bytes(hexadecimal text: String) -> [UInt8] {
        var digits = text[...]
        var bytes: [UInt8] = []
        while !digits.isEmpty {
            bytes.append(UInt8(digits.prefix(2), radix: 16) ?? 0)
            digits = digits.dropFirst(2)
        }
        return bytes
    }
}
