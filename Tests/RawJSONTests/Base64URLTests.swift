import RawJSON
import Testing

@Suite("Base64url")
struct Base64URLTests {
    @Test("base64url has one spelling for each value")
    func oneSpelling() {
        for count in 0...17 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 91 &+ 200) }
            var text: [UInt8] = []
            bytes.withUnsafeBytes { Base64URL.append($0, to: &text) }
            #expect(text.count == Base64URL.length(ofBytes: count))
            for change in [text, text + [0x41], text.dropLast() + [0x2B], text.dropLast() + [0x3D]] {
                var decoded = [UInt8](repeating: 0, count: count)
                let isDecoded = change.withUnsafeBytes { text in
                    decoded.withUnsafeMutableBytes { Base64URL.decode(text, into: $0) }
                }
                #expect(isDecoded == (change == text))
                if isDecoded { #expect(decoded == bytes) }
            }
        }
        // The last digit's low bits must be zero: "AB" would be the byte 00 as well as "AA".
        var byte: [UInt8] = [0]
        let isDecoded = Array("AB".utf8).withUnsafeBytes { text in
            byte.withUnsafeMutableBytes { Base64URL.decode(text, into: $0) }
        }
        #expect(!isDecoded)
    }
}
