import EventLog
import LogValues
import Testing

@Suite("Signed note")
struct SignedNoteTests {
    private static let key = try? NodeKey(origin: "a.example", seed: Array(repeating: 1, count: 32))

    @Test("what was signed is verified, and so is a note read back")
    func roundTrip() throws {
        let key = try #require(Self.key)
        var note = SignedNote(text: Array("one\n\ntwo\n".utf8))
        key.sign(&note)
        #expect(try note.verify(with: [key.verifierKey]).map(\.key) == [key.verifierKey])
        let read = try SignedNote(parsing: note.bytes)
        #expect(read == note)
        #expect(read.text == Array("one\n\ntwo\n".utf8))
    }

    @Test("signs byte for byte as other implementations do")
    func signs() throws {
        let key = try CheckpointVectors.nodeKey(\.log)
        let rotated = try CheckpointVectors.nodeKey(\.logRotated)
        let vectors = try #require(CheckpointVectors.all)
        for vector in vectors.checkpoints.prefix(6) {
            let note = key.sign(size: vector.size, root: try #require(Hash256(hex: vector.rootHex)))
            self.expectSame(note.bytes, vector.note)
        }
        let both = try #require(vectors.checkpoints.first { $0.what == "both keys of a rotation, both trusted" })
        var note = key.sign(size: both.size, root: try #require(Hash256(hex: both.rootHex)))
        rotated.sign(&note)
        self.expectSame(note.bytes, both.note)
    }

    private func expectSame(_ note: [UInt8], _ expected: String) {
        #if canImport(Darwin)
            // CryptoKit adds chance to its signatures: only the text can be compared.
            #expect(note.count == expected.utf8.count)
        #else
            #expect(String(decoding: note, as: UTF8.self) == expected)
        #endif
    }

    @Test("a known key's wrong signature spoils the note, whoever else signed")
    func oneWrong() throws {
        let (key, other) = (try #require(Self.key), try CheckpointVectors.nodeKey(\.other))
        var forged = SignedNote(text: Array("other text\n".utf8))
        key.sign(&forged)
        var note = SignedNote(text: Array("text\n".utf8))
        other.sign(&note)
        note.add(try #require(forged.signatures.first))
        #expect(throws: CheckpointError.wrongSignature(key.verifierKey.identity)) {
            try note.verify(with: [other.verifierKey, key.verifierKey])
        }
        #expect(try note.verify(with: [other.verifierKey]).count == 1)
        #expect(throws: CheckpointError.noKnownSignature) { try note.verify(with: []) }
    }

    @Test("signatures and size are limited")
    func limits() throws {
        let key = try #require(Self.key)
        var note = SignedNote(text: Array("text\n".utf8))
        for _ in 0..<SignedNote.signatureLimit { key.sign(&note) }
        #expect(try SignedNote(parsing: note.bytes).signatures.count == SignedNote.signatureLimit)
        key.sign(&note)
        #expect(throws: CheckpointError.tooManySignatures(limit: SignedNote.signatureLimit)) {
            try SignedNote(parsing: note.bytes)
        }
        var long = SignedNote(text: Array(repeating: UInt8(ascii: "x"), count: SignedNote.sizeLimit) + [10])
        key.sign(&long)
        #expect(throws: CheckpointError.noteTooLong(limit: SignedNote.sizeLimit)) {
            try SignedNote(parsing: long.bytes)
        }
    }

    @Test(
        "says what is wrong with a text that is no note",
        arguments: [
            ("", NoteFault.noBlankLine), ("text\n", .noBlankLine), ("\n", .noBlankLine), ("\n\n", .noSignature),
            ("text\n\n", .noSignature), ("text\r\n\n", .characters), ("text\n\nx\n", .signatureLine(number: 1)),
            ("text\n\n\u{2014} a AAAAAAA=\n\u{2014} a\n", .signatureLine(number: 2)),
            ("text\n\n\u{2014} a AAAAAAA=", .signatureLine(number: 1)),
        ]
    )
    func faults(text: String, fault: NoteFault) {
        #expect(throws: CheckpointError.malformedNote(fault)) { try SignedNote(parsing: Array(text.utf8)) }
    }
}
