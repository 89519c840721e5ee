import LogValues
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
        #expect(Base64.standard.encode(Array(bytes.utf8)) == text)
        #expect(Base64.standard.decode(text.utf8) == Array(bytes.utf8))
        var appended = Array("> ".utf8)
        Base64.standard.append(Array(bytes.utf8).span, to: &appended)
        #expect(String(decoding: appended, as: UTF8.self) == "> " + text)
    }

    @Test(
        "refuses every text that is not the one spelling of its bytes",
        arguments: [
            "Zg", "Zg=", "Z===", "====", "Zh==", "Zm9=", "Zg==Zg==", "Zm9v\n", " Zm9v", "Zm9v=", "-_-_", "Zm=9", "=Zg=",
            "Zé==", "Zg==\n",
        ]
    )
    func refused(text: String) {
        #expect(Base64.standard.decode(text.utf8) == nil)
    }

    @Test("base64url has one spelling for each value")
    func oneSpelling() {
        for count in 0...17 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 91 &+ 200) }
            var text: [UInt8] = []
            Base64.url.append(bytes.span, to: &text)
            #expect(text.count == Base64.url.length(ofBytes: count))
            for change in [text, text + [0x41], text.dropLast() + [0x2B], text.dropLast() + [0x3D]] {
                var decoded = [UInt8](repeating: 0, count: count)
                var target = decoded.mutableSpan
                let isDecoded = Base64.url.decode(change.span, into: &target)
                #expect(isDecoded == (change == text))
                if isDecoded { #expect(decoded == bytes) }
            }
        }
        // The last digit's low bits must be zero: "AB" would be the byte 00 as well as "AA".
        var byte: [UInt8] = [0]
        var target = byte.mutableSpan
        let isDecoded = Base64.url.decode("AB".utf8Span.span, into: &target)
        #expect(!isDecoded)
    }

    // The JavaScript signer of Channelstream replaces only the first `+`, `/` and `=` of a signature.
    @Test(
        "the lenient reader takes both alphabets, any padding and any spare bits",
        arguments: [("-_-_", 3), ("+/-_", 3), ("Zg", 1), ("Zg=", 1), ("Zg====", 1), ("Zh==", 1), ("", 0), ("==", 0)]
    )
    func lenient(text: String, count: Int) {
        #expect(Self.readLeniently(text, into: 3) == count)
    }

    @Test(
        "and refuses other characters, an impossible length, and more than there is room for",
        arguments: ["Z", "Zm9vZ", "Zm 9", "Zm9\n", "=Zg=", "Zm9vYg", "Z\u{e9}"]
    )
    func lenientRefusals(text: String) {
        #expect(Self.readLeniently(text, into: 3) == nil)
    }

    private static func readLeniently(_ text: String, into size: Int) -> Int? {
        var bytes = [UInt8](repeating: 0, count: size)
        var target = bytes.mutableSpan
        return Base64.decodeLeniently(text.utf8Span.span, into: &target)
    }
}
