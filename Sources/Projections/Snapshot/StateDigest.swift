package import LogValues

/// The canonical digest of a state: equal for equal logs, on every machine, with and without erased contents.
///
/// It covers what the log's `data` fields brought about, and every content by its commitment. It leaves out what only
/// contents decide, and what follows from the rest (who is in a channel follows from the connections).
///
/// It is computed in three steps. It is begun, at once. Then what has changed since the last one is gathered, as many
/// channels and users at a time as the caller likes: events may come in between, and what they are about to change is
/// gathered before. The rest, which is nearly all of the work, needs the state no more and is for another thread. Every
/// frame is digested at most once, a channel or user when it has changed, and the whole by `DigestTree`. Measured: see
/// `tools/benchmarks/Micro/ReducerBenchmarks.swift`, `digest.*`.
extension HubState {
    /// The digest now, all steps at once; the state remembers what it computed, and nothing else changes.
    package mutating func digest() -> Hash256 {
        self.beginDigest()
        guard var task = self.gatherDigest(limit: .max) else {
            preconditionFailure("a digest that was just begun is gathered when there is no limit")
        }
        let digest = task.run()
        self.endDigest(task)
        return digest
    }

    /// Begins a digest of the state as it is now.
    ///
    /// One that was begun before, and is still gathered or computed, is of no use for this one: then all of the state is
    /// gathered, here and now.
    package mutating func beginDigest() {
        let changes = StateChanges(self)
        self.digestMemory.begin(changes)
        if self.digestMemory.gathering?.digester == nil {
            self.gatherEverything()
        }
    }

    /// Gathers what the digest that was begun is made of.
    ///
    /// - Parameter limit: How many channels and users to look at.
    /// - Returns: What is to be computed, once all is gathered; nil before that, and if no digest was begun.
    package mutating func gatherDigest(limit: Int) -> DigestTask? {
        var count = 0
        while count < limit, let name = self.digestMemory.gathering?.channels.popLast() {
            count += 1
            // A name that is not there any more was gathered before it went.
            if let index = self.channelsByName.index(forKey: name) { self.gather(channelAt: index) }
        }
        while count < limit, let name = self.digestMemory.gathering?.users.popLast() {
            count += 1
            if let index = self.usersByName.index(forKey: name) { self.gather(userAt: index) }
        }
        guard let gathering = self.digestMemory.gathering, gathering.isComplete else { return nil }
        self.digestMemory.gathering = nil
        return DigestTask(
            number: self.digestMemory.number,
            digester: gathering.digester ?? StateDigester(),
            changes: gathering.changes
        )
    }

    /// Takes back what a task remembers, for the next digest.
    ///
    /// The work of another task than the last one begun is of no use, and is dropped. Without it, the next digest
    /// begins with nothing.
    package mutating func endDigest(_ task: consuming DigestTask) {
        guard task.number == self.digestMemory.number else { return }
        self.digestMemory.digester = task.digester
    }
}

/// A digest that can be computed anywhere, of a state that has gone on.
package struct DigestTask: Sendable {
    fileprivate let number: UInt64
    fileprivate private(set) var digester: StateDigester
    private var changes: StateChanges?
    private var result = Hash256(words: (0, 0, 0, 0))

    fileprivate init(number: UInt64, digester: StateDigester, changes: StateChanges) {
        self.number = number
        self.digester = digester
        self.changes = changes
    }

    /// The digest of the state as it was when it was begun; computed at the first call.
    package mutating func run() -> Hash256 {
        if let changes = exchange(&self.changes, with: nil) {
            self.result = self.digester.digest(after: changes)
        }
        return self.result
    }
}
