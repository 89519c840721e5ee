import Testing

@testable import Web

@Suite("Signatures seen a moment ago")
struct KnownSignaturesTests {
    private static func stamp(_ token: String, in known: KnownSignatures) -> Int64? {
        known.stamp(of: Array(token.utf8).span)
    }

    private static func add(_ token: String, _ stamp: Int64, to known: KnownSignatures) {
        known.add(Array(token.utf8).span, stamp: stamp)
    }

    @Test("only the same bytes are known")
    func knowsBytes() {
        let known = KnownSignatures()
        #expect(Self.stamp("a.b.c", in: known) == nil)
        Self.add("a.b.c", 5, to: known)
        #expect(Self.stamp("a.b.c", in: known) == 5)
        for other in ["a.b.d", "A.b.c", "a.b.", "a.b.cc", ""] { #expect(Self.stamp(other, in: known) == nil) }
    }

    @Test("the oldest makes room, and what is longer than a signature needs is not kept")
    func isBounded() {
        let known = KnownSignatures()
        for number in 0...KnownSignatures.capacity { Self.add("token\(number)", Int64(number), to: known) }
        #expect(Self.stamp("token0", in: known) == nil)
        for number in 1...KnownSignatures.capacity {
            #expect(Self.stamp("token\(number)", in: known) == Int64(number))
        }
        let long = String(repeating: "x", count: KnownSignatures.tokenSize + 1)
        Self.add(long, 1, to: known)
        #expect(Self.stamp(long, in: known) == nil)
    }

    @Test("a signature that is known grows old like any other, and a wrong one is never known")
    func growsOld() throws {
        let signer = TimestampSigner(secret: "secret")
        let token = Array(signer.sign("x", at: 1000).utf8)
        let verify = { (token: [UInt8], now: Int64) in
            Result { () throws(TimestampSigner.Refusal) in try signer.verify(token.span, now: now) }
        }
        for _ in 0..<2 {
            #expect(throws: Never.self) { try verify(token, 1060).get() }
            #expect(throws: TimestampSigner.Refusal.expired) { try verify(token, 1061).get() }
            var wrong = token
            wrong[0] ^= 1
            #expect(throws: TimestampSigner.Refusal.mismatch) { try verify(wrong, 1000).get() }
        }
    }
}
