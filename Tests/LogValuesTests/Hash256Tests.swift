import LogValues
import Testing

@Suite("Hashes")
struct Hash256Tests {
    // SHA-256 of "abc" (FIPS 180-4), and its base64url by another program.
    @Test("a hash is written as base64url, and only its own text is read")
    func digests() throws {
        let digest = Hash256(hashing: Array("abc".utf8))
        let text = "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
        #expect(digest.description == text)
        #expect(Hash256(base64URL: text.utf8Span.span) == digest)
        // The last digit holds four bits: one that has more is another text for the same bytes.
        for other in [String(text.dropLast()), text + "A", String(text.dropLast()) + "1", "+" + text.dropFirst()] {
            #expect(Hash256(base64URL: other.utf8Span.span) == nil)
        }
    }

    @Test("standard base64 is read only from what 32 bytes become", arguments: 30...34)
    func standardForm(count: Int) throws {
        let bytes = (0..<UInt8(count)).map { $0 }
        let text = Base64.standard.encode(bytes)
        let hash = Hash256(base64: text.utf8)
        #expect((hash != nil) == (count == 32))
        #expect((hash?.base64 ?? text) == text)
    }

    @Test("bytes, words and text are one value in three forms")
    func forms() throws {
        let bytes = (0..<32).map { UInt8($0) }
        let read = Hash256(bytes: bytes.span)
        let hash = try #require(read)
        var written: [UInt8] = []
        hash.appendBytes(to: &written)
        #expect(written == bytes)
        #expect(hash.words.0 == 0x0001_0203_0405_0607)
        #expect(hash == hash)
        #expect(Hash256(bytes: bytes.span.extracting(droppingLast: 1)) == nil)
    }
}
