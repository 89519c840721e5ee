import Testing

@testable import EventLog

@Suite("XXH32")
struct XXH32Tests {
    struct Vectors: Decodable {
        struct Repeat: Decodable {
            let text: String
            let times: Int
        }
        struct Case: Decodable {
            let hex: String?
            let `repeat`: Repeat?
            let xxh32: String

            var bytes: [UInt8] {
                if let part = self.repeat {
                    Array(String(repeating: part.text, count: part.times).utf8)
                } else {
                    [UInt8](hex: self.hex ?? "") ?? []
                }
            }
        }
        let cases: [Case]
    }

    @Test("agrees with the xxHash library")
    func vectors() throws {
        for vector in try Fixtures.decode(Vectors.self, from: "lz4/xxh32.json").cases {
            let digest = XXH32.hash(vector.bytes.span)
            #expect(digest == UInt32(vector.xxh32, radix: 16), "of \(vector.bytes.count) bytes")
        }
    }

    @Test("gives the same however the bytes come in pieces", arguments: 1...40)
    func pieces(size: Int) {
        let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        var hash = XXH32()
        for start in stride(from: 0, to: bytes.count, by: size) {
            hash.update(bytes.span.extracting(start..<min(start + size, bytes.count)))
        }
        #expect(hash.digest == XXH32.hash(bytes.span))
    }

    @Test("a copy goes on by itself")
    func copies() {
        var hash = XXH32()
        hash.update(([1, 2, 3] as [UInt8]).span)
        let before = hash
        hash.update(([4] as [UInt8]).span)
        #expect(before.digest != hash.digest)
        #expect(before.digest == XXH32.hash(([1, 2, 3] as [UInt8]).span))
    }
}
