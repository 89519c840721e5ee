import RawJSON
import Testing

@Suite("RFC 8259, by the vectors")
struct JSONVectorTests {
    @Test("all vectors are there")
    func count() {
        #expect(JSONVector.valid.count == 95)
        #expect(JSONVector.invalid.count == 127)
    }

    @Test("what the grammar refuses is refused, with an offset inside the text", arguments: JSONVector.invalid)
    func refuses(_ vector: JSONVector) throws {
        let trouble = try #require(Text.trouble(with: vector.text))
        #expect((0...vector.text.count).contains(trouble.offset))
    }

    @Test("what the grammar accepts is accepted, but for lone surrogates and our limits", arguments: JSONVector.valid)
    func accepts(_ vector: JSONVector) {
        let trouble = Text.trouble(with: vector.text, maximumDepth: JSONScanner.deepestLimit)
        switch (vector.name, trouble) {
        case ("depth-512", .tooDeep), ("depth-1000", .tooDeep), ("depth-100000", .tooDeep): break
        case ("digits-5000", .numberTooLong(let offset)): #expect(offset == 1)
        case (_, .loneSurrogate): #expect(vector.trap == "lone surrogate")
        case (_, let trouble):
            #expect(trouble == nil)
            #expect(vector.trap != "lone surrogate")
        }
    }

    @Test("an accepted value is kept byte for byte, but for white space", arguments: JSONVector.valid)
    func keeps(_ vector: JSONVector) throws {
        guard let json = try? RawJSON(validating: vector.text, maximumDepth: JSONScanner.deepestLimit) else { return }
        // None of the vectors has white space inside a string that the grammar would drop outside one.
        let hasSpace = vector.name.contains(/^space-|newline-at-end|crlf/)
        let expected = hasSpace ? vector.text.filter { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } : vector.text
        #expect(json.bytes == expected)
    }

    @Test("every valid text that is cut ends too early, or was whole already", arguments: JSONVector.valid)
    func cut(_ vector: JSONVector) throws {
        guard vector.text.count < 1000, Text.trouble(with: vector.text) == nil else { return }
        for size in 0..<vector.text.count {
            switch Text.trouble(with: Array(vector.text.prefix(size))) {
            case nil:  // a shorter number, or only white space was cut
                let isNumber = vector.text.allSatisfy { $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "{") }
                let onlySpaceIsGone = vector.text.dropFirst(size).allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
                #expect(isNumber || onlySpaceIsGone)
            case .unexpectedEnd(let offset):
                #expect(offset == size)
            case .invalidUTF8(let offset):  // inside a sequence
                #expect(offset < size && offset >= size - 3)
            case .some(let trouble):
                Issue.record("cut at \(size): \(trouble)")
            }
        }
    }
}
