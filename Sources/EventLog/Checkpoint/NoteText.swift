import LogValues
import RawJSON

/// Reads a text line by line, where every line ends with a newline.
///
/// Notes, checkpoints and proofs are such texts. Their characters are checked once, by ``isAcceptable(_:)``.
struct NoteLines {
    private let bytes: ArraySlice<UInt8>
    private var at: Int
    /// The number of the line that was read last, from 1; for error messages.
    private(set) var number = 0

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        self.at = bytes.startIndex
    }

    var isAtEnd: Bool { self.at == self.bytes.endIndex }
    /// The bytes that have not been read yet.
    var rest: ArraySlice<UInt8> { self.bytes[self.at...] }

    /// The next line without its newline; nil at the end, and where the newline is missing.
    mutating func next() -> ArraySlice<UInt8>? {
        self.number += 1
        guard let end = self.rest.firstIndex(of: LineFormat.newline) else { return nil }
        defer { self.at = end + 1 }
        return self.bytes[self.at..<end]
    }

    /// Reads a proof's hashes, a line each, up to the blank line that ends them.
    ///
    /// - Throws: ``CheckpointError/malformedProof(line:)`` if a line is no hash, if there are more than a proof can have,
    ///   or if the blank line is missing.
    mutating func hashes() throws(CheckpointError) -> [Hash256] {
        var hashes: [Hash256] = []
        while let line = self.next() {
            if line.isEmpty { return hashes }
            guard hashes.count < MerkleProof.hashLimit, let hash = Hash256(base64: line) else { break }
            hashes.append(hash)
        }
        throw .malformedProof(line: self.number)
    }

    /// Whether `text` may stand in a note: UTF-8, and no control character below U+0020 but the newline.
    static func isAcceptable(_ text: some Collection<UInt8>) -> Bool {
        text.allSatisfy { $0 >= 0x20 || $0 == LineFormat.newline }
            && String(validating: text, as: UTF8.self) != nil
    }

    /// A number in ASCII digits without sign or leading zero, at most `Int64.max` as everywhere in a log.
    static func integer(_ text: ArraySlice<UInt8>) -> UInt64? {
        var text = FixedText(text.span)
        guard let number = text.integer(), text.isAtEnd else { return nil }
        return number
    }
}

extension ArraySlice<UInt8> {
    /// The bytes that follow `prefix`; nil if this does not begin with it.
    func dropping(_ prefix: StaticString) -> ArraySlice<UInt8>? {
        self.span.begins(with: prefix) ? self.dropFirst(prefix.utf8CodeUnitCount) : nil
    }
}
