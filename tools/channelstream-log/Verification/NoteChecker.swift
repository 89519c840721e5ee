import EventLog

/// Checks the signed notes of checkpoints.
struct NoteChecker {
    enum Result: Equatable {
        case signed
        /// Not signed by any key that is at hand; the text agrees.
        case unknownKey
        case wrong(String)
    }

    private let keys: [VerifierKey]
    /// Whether somebody asked for these very keys: then a note by others only is wrong.
    private let isStrict: Bool

    /// - Parameters:
    ///   - keys: The keys of the log.
    ///   - isStrict: Whether a note that none of them signed is wrong.
    init(keys: [VerifierKey], isStrict: Bool = false) {
        self.keys = keys
        self.isStrict = isStrict
    }

    /// Checks a note, as text, against the size that it must be about and the root that it must give.
    func check(_ note: String, size: UInt64, root: Hash256) -> Result {
        do throws(CheckpointError) {
            let note = try SignedNote(parsing: Array(note.utf8))
            let body = try CheckpointBody(parsing: note.text)
            guard body.size == size, body.root == root else {
                return .wrong("it is about another size or root than the line that it stands in")
            }
            return try self.checkSignature(of: note, origin: body.origin)
        } catch {
            return .wrong("\(error)")
        }
    }

    /// Checks who signed a note.
    ///
    /// - Throws: ``CheckpointError`` for a note whose signature is wrong.
    func checkSignature(of note: SignedNote, origin: String) throws(CheckpointError) -> Result {
        do throws(CheckpointError) {
            _ = try Checkpoint(verifying: note, with: self.keys, origin: origin)
            return .signed
        } catch .noKnownSignature where !self.isStrict {
            return .unknownKey
        }
    }
}

/// What a log was at some time, as somebody wrote it down elsewhere.
struct KeptCheckpoint: Equatable {
    /// Where it is from, for messages.
    let name: String
    let size: UInt64
    let root: Hash256
}
