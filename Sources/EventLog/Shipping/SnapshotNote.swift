package import LogValues

/// The statement that a node signs about a snapshot which it hands to another: which file it is, byte for byte.
///
///     channelstream-snapshot/1
///     channelstream/<log id>                          the log's origin
///     1200                                            the last line that the snapshot stands for
///     48211                                           bytes of the file
///     NHUcNyXCG0FgTuaX2/xHC5zpALwWdMtDJGbzjP4st68=    SHA-256 of the file, base64
///
/// Signed as a checkpoint is, by the same key; the first line keeps the one from being taken for the other, since no log
/// has that origin. It says whose file that is, not that the file is right: that is for the log to say.
package struct SnapshotNote: Hashable, Sendable {
    private static let opening: StaticString = "channelstream-snapshot/1\n"

    /// The origin of the log.
    package let origin: String
    package let name: SnapshotName
    /// Bytes of the file.
    package let sizeBytes: UInt64
    /// SHA-256 of the file.
    package let digest: Hash256

    package init(origin: String, name: SnapshotName, sizeBytes: UInt64, digest: Hash256) {
        self.origin = origin
        self.name = name
        self.sizeBytes = sizeBytes
        self.digest = digest
    }

    /// Reads a signed note.
    ///
    /// - Parameters:
    ///   - bytes: The note.
    ///   - keys: Those that are trusted.
    ///   - origin: The log that it must be of.
    /// - Throws: ``CheckpointError``.
    package init(verifying bytes: [UInt8], with keys: [VerifierKey], origin: String) throws(CheckpointError) {
        let note = try SignedNote(parsing: bytes)
        _ = try note.verify(with: keys)
        guard let rest = note.text[...].dropping(Self.opening) else { throw .malformedCheckpoint(line: 1) }
        var lines = NoteLines(rest)
        let found = lines.next().map { String(decoding: $0, as: UTF8.self) }
        guard let through = lines.next().flatMap({ NoteLines.integer($0) }), through > 0,
            let size = lines.next().flatMap({ NoteLines.integer($0) }),
            let digest = lines.next().flatMap({ Hash256(base64: $0) }), lines.isAtEnd
        else { throw .malformedCheckpoint(line: lines.number + 1) }
        guard let found, found.utf8.elementsEqual(origin.utf8) else {
            throw .otherOrigin(expected: origin, found: found ?? "")
        }
        self.init(
            origin: origin,
            name: SnapshotName(through: SequenceNumber(through)),
            sizeBytes: size,
            digest: digest
        )
    }

    /// The note, signed.
    package func signed(by key: NodeKey) -> SignedNote {
        let lines = [self.origin, "\(self.name.through)", "\(self.sizeBytes)", self.digest.base64]
        let text = "\(Self.opening)" + lines.map { $0 + "\n" }.joined()
        var note = SignedNote(text: Array(text.utf8))
        key.sign(&note)
        return note
    }
}
