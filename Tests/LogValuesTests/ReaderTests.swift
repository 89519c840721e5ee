import LogValues
import TestSupport
import Testing

@Suite("Readers of values")
struct ReaderTests {
    @Test("no text makes a reader trap, whatever its bytes")
    func anyBytes() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                random.pick(Array("0123456789abcdefABCDEF-{}urn:uuid:\u{e9}".utf8))
            }
            _ = UUID128(lenient: bytes)
            _ = UUID128(canonical: bytes.span)
            _ = Timestamp(logForm: bytes.span)
            _ = Hash256(base64URL: bytes.span)
            _ = Hash256(base64: bytes)
            _ = Salt(base64URL: bytes.span)
        }
    }
}
