import EventLog
import Testing

@Suite("Verifier key")
struct VerifierKeyTests {
    @Test("reads and writes the keys of other implementations")
    func roundTrip() throws {
        let vectors = try #require(CheckpointVectors.all)
        for text in Set(vectors.checkpoints.flatMap(\.trustedVkeys)) {
            #expect(try VerifierKey(text).text == text)
        }
        for key in [\CheckpointVectors.Keys.log, \.logRotated, \.other] {
            #expect(try CheckpointVectors.nodeKey(key).verifierKey.text == vectors.keys[keyPath: key].vkey)
        }
    }

    @Test("refuses keys whose parts do not fit each other", arguments: CheckpointVectors.all?.refuseVkeys ?? [])
    func refused(vector: CheckpointVectors.RefusedKey) {
        #expect(throws: CheckpointError.malformedVerifierKey(vector.vkey)) { try VerifierKey(vector.vkey) }
    }

    @Test("refuses a key with any one byte altered")
    func altered() throws {
        let text = try #require(CheckpointVectors.all).keys.log.vkey
        for index in 0..<text.utf8.count {
            var bytes = Array(text.utf8)
            bytes[index] ^= 1
            #expect(throws: CheckpointError.self) { try VerifierKey(String(decoding: bytes, as: UTF8.self)) }
        }
    }

    @Test(
        "a name has no white space, no plus and no control characters",
        arguments: [
            ("hub.example/log", true), ("é", true), ("", false), ("a b", false), ("a+b", false), ("a\u{A0}b", false),
            ("a\nb", false), ("a\tb", false), ("+\u{301}", false), ("a\u{2028}", false), ("a\0", false),
        ]
    )
    func names(name: String, isRight: Bool) {
        #expect(KeyIdentity.isName(name) == isRight)
        let seed = [UInt8](repeating: 1, count: 32)
        #expect((try? NodeKey(origin: name, seed: seed)) != nil == isRight)
    }
}
