import EventLog
import LogValues

/// Checks the signed notes of checkpoints.
struct NoteChecker {
    enum Result: Equatable {
        /// Signed by these keys, which are known.
        case signed([KeyIdentity])
        /// Not signed by any key that is at hand, but by these, as it says; the text agrees.
        case unknownKey([KeyIdentity])
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

    /// Whether there is any key.
    var knowsKeys: Bool { !self.keys.isEmpty }

    /// Checks a note, as text, against the size that it must be about and the root that it must give.
    func check(_ note: String, size: UInt64, root: Hash256) -> Result {
        do throws(CheckpointError) {
            let note = try SignedNote(parsing: Array(note.utf8))
            let body = try CheckpointBody(parsing: note.text)
            guard body.size == size, body.root == root else {
                return .wrong("it is about another size or root than the line that it stands in")
            }
            do throws(CheckpointError) {
                let checkpoint = try Checkpoint(verifying: note, with: self.keys, origin: body.origin)
                return .signed(checkpoint.signatures.map(\.key.identity))
            } catch .noKnownSignature {
                return .unknownKey(note.signatures.map(\.key))
            }
        } catch {
            return .wrong("\(error)")
        }
    }

    /// Checks who signed a note that was kept elsewhere.
    ///
    /// - Throws: ``CheckpointError`` for a note whose signature is wrong, or, if somebody asked for these very keys, by none
    ///   of them.
    func checkSignature(of note: SignedNote, origin: String) throws(CheckpointError) {
        do throws(CheckpointError) {
            _ = try Checkpoint(verifying: note, with: self.keys, origin: origin)
        } catch .noKnownSignature where !self.isStrict {
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
