import EventLog
import LogValues
import SystemPackage

/// The beginning of a log that retention may have cut.
extension LogVerifier {
    /// Says so if lines are missing at the beginning of which nothing tells.
    mutating func checkDrops() throws {
        // Read after the log: who drops more meanwhile has said so before.
        let note = try DropNote.read(in: self.directory)
        if let note, try self.isRight(note) { self.drops.take(note) }
        self.result.dropRecord = self.drops.record(covering: self.tree.startSize)
        guard self.settings.needsDropRecord, note != nil || !self.settings.isFollower,
            let finding = self.drops.finding(keptFrom: self.result.firstLine)
        else { return }
        self.add(finding)
    }

    /// Whether what the file `dropped` says has the root that this log had there; of another log's, or after a cut by hand, it
    /// has not.
    private func isRight(_ note: DropNote) throws -> Bool {
        guard note.logID == self.result.logID, note.size >= self.tree.startSize else { return false }
        return try (note.size == self.tree.startSize ? self.tree.start?.root : self.tree.root(at: note.size))
            == note.root
    }
}
