import EventLog
import Testing

@Suite("Base64")
struct Base64Tests {
    @Test(
        "writes and reads the examples of RFC 4648",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"), ("\u{FB}\u{FF}", "w7vDvw=="), ("~~~???", "fn5+Pz8/"),
        ]
    )
    func examples(bytes: String, text: String) {
        #expect(Base64.encode(bytes.utf8) == text)
        #expect(Base64.decode(text.utf8) == Array(bytes.utf8))
    }

    @Test(
        "refuses every text that is not the one spelling of its bytes",
        arguments: [
            "Zg", "Zg=", "Z===", "====", "Zh==", "Zm9=", "Zg==Zg==", "Zm9v\n", " Zm9v", "Zm9v=", "-_-_", "Zm=9", "=Zg=",
            "Zé==", "Zg==\n",
        ]
    )
    func refused(text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }

    @Test("reads a hash only from 32 bytes", arguments: 30...34)
    func hashes(count: Int) {
        let bytes = (0..<UInt8(count)).map { $0 }
        let hash = Base64.decodeHash(Base64.encode(bytes).utf8)
        #expect((hash != nil) == (count == 32))
        #expect(hash.map { Base64.encode($0) } ?? Base64.encode(bytes) == Base64.encode(bytes))
    }
}
