import Crypto
import LogValues

/// How a signature says whose it is: the key's name, and an id that tells keys of one name apart.
package struct KeyIdentity: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package let id: UInt32

    init(name: String, id: UInt32) {
        self.name = name
        self.id = id
    }

    /// The identity of a key: its id is the first four bytes of SHA-256(name || 0A || type || public key).
    init(name: String, type: UInt8, publicKey: [UInt8]) {
        var hasher = SHA256()
        hasher.update(data: Array(name.utf8) + [0x0A, type] + publicKey)
        self.name = name
        self.id = hasher.finalize().prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The id as it stands in a key's text form, eight lower-case digits.
    package var idText: String { Hexadecimal.text(self.id) }

    package var description: String { "\(self.name)+\(self.idText)" }

    /// Whether a key may be called that: not empty, no white space, no plus, nothing that cannot stand in a note.
    package static func isName(_ name: String) -> Bool {
        !name.isEmpty && NoteLines.isAcceptable(name.utf8)
            && name.unicodeScalars.allSatisfy { $0 != "+" && !$0.properties.isWhitespace }
    }

    /// Names are compared byte by byte: Swift's `==` takes spellings that Unicode calls equivalent for one.
    package static func == (left: KeyIdentity, right: KeyIdentity) -> Bool {
        left.id == right.id && left.name.utf8.elementsEqual(right.name.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.id)
    }
}

extension UInt32 {
    /// The four bytes of a key id.
    var bigEndianBytes: [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: self >> (24 - 8 * $0)) }
    }
}
