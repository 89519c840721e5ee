package import EventLog
package import Projections

/// What a log says of who signs it, as of its end.
package struct LogSigning: Sendable, Equatable {
    /// The size that the last checkpoint is about; nil if there was none.
    package private(set) var lastCheckpointSize: UInt64?
    private var lastNote: String?
    private var lastChange: LogKeyChanged?

    package init() {}

    mutating func take(_ checkpoint: LogCheckpointed) {
        self.lastCheckpointSize = checkpoint.size
        guard let note = checkpoint.note else { return }
        self.lastNote = note
        self.lastChange = nil
    }

    mutating func take(_ change: LogKeyChanged) {
        self.lastChange = change
    }

    /// The keys of which the log says that they signed last: those of the last note, or the one that took over since.
    private var signers: [KeyIdentity] {
        if let key = self.lastChange.flatMap({ try? VerifierKey($0.key) }) { return [key.identity] }
        return self.lastNote.flatMap { try? SignedNote(parsing: Array($0.utf8)) }?.signatures.map(\.key) ?? []
    }

    /// What the log has to say where a node with this key goes on with it.
    ///
    /// - Parameters:
    ///   - key: The node's.
    ///   - known: Keys that may have signed before.
    /// - Returns: Nil if the key signed last, or nobody did.
    package func change(to key: VerifierKey, knowing known: [VerifierKey]) -> LogKeyChanged? {
        let signers = self.signers
        guard !signers.isEmpty, !signers.contains(key.identity) else { return nil }
        let earlier = signers.map { signer in
            known.first { $0.identity == signer }?.text ?? "\(signer)"
        }
        return LogKeyChanged(key: key.text, earlier: earlier)
    }
}
