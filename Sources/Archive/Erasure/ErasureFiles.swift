package import EventLog
package import LogValues
package import Projections
package import SystemPackage

/// The files of an open log, as an erasure sees them.
///
/// A value; its methods block, and one at a time may run.
package struct ErasureFiles: Sendable {
    private let directory: FilePath
    private let logID: String
    /// The last line that is committed; nil if there is none.
    private let end: @Sendable () -> SequenceNumber?
    /// ``EventLog/seal(_:)`` of the log.
    private let seal: @Sendable (SequenceNumber) throws(EventLogError) -> Void
    private let erasure: LogErasure
    /// Told of each snapshot that could not be read, and is gone.
    private let onRemoval: @Sendable (SnapshotName, any Error) -> Void

    package init(
        _ directory: FilePath,
        logID: String,
        end: @escaping @Sendable () -> SequenceNumber?,
        seal: @escaping @Sendable (SequenceNumber) throws(EventLogError) -> Void,
        onRemoval: @escaping @Sendable (SnapshotName, any Error) -> Void = { _, _ in }
    ) {
        self.directory = directory
        self.logID = logID
        self.end = end
        self.seal = seal
        self.onRemoval = onRemoval
        self.erasure = LogErasure(directory, logID: logID)
    }

    /// Notes on the disk that a line which is to be written orders an erasure.
    package func expect(orderAt line: SequenceNumber) throws(EventLogError) {
        // What is still to be carried out stands before this line: its note covers both.
        guard try !self.erasure.isPending() else { return }
        try self.erasure.begin(after: line == .first ? nil : SequenceNumber(line.rawValue - 1))
    }

    /// Carries out what was ordered and not finished; nil if there was nothing.
    ///
    /// Not while a snapshot is being made.
    package func finish() throws -> LogErasure.Report? {
        var decoder = EventDecoder()
        return try self.erasure.finish(
            through: self.end(),
            orders: { line in
                guard case .contentErased(let erased) = try decoder.decode(line.bytes).event.payload else { return nil }
                return erased.lines
            },
            seal: self.seal,
            forgetting: { lines, _ in try self.forget(lines) }
        )
    }

    /// Takes the contents out of what is kept beside the log.
    ///
    /// Snapshots alone: the hashes hold none, and neither does the index of messages.
    private func forget(_ lines: [SequenceNumber]) throws {
        let store = SnapshotStore(in: self.directory)
        try store.removeUnfinished()
        let erased = ContentErased(lines: lines, orderedBy: "", reason: "")
        try SnapshotErasure.run(erased, in: store, ofLog: self.logID, onRemoval: self.onRemoval)
    }

    /// Looks through the log for what belongs to a target, and notes on the disk that it may be erased.
    ///
    /// - Returns: What was found, and the last line that was looked at; begun only if there is anything to erase.
    package func begin(_ target: ErasureTarget) throws -> (search: ErasureSearch, end: SequenceNumber?) {
        guard let end = self.end() else { return (ErasureSearch(target), nil) }
        let search = try Self.look(for: target, in: self.directory, through: end)
        if !search.lines.isEmpty { try self.erasure.begin(after: end) }
        return (search, end)
    }

    /// Looks through a log, up to a line or its end, and changes nothing.
    ///
    /// - Throws: ``EventLogError``; ``UnreadableEvent``.
    package static func look(
        for target: ErasureTarget,
        in directory: FilePath,
        through end: SequenceNumber? = nil
    ) throws -> ErasureSearch {
        var search = ErasureSearch(target)
        let first = try SegmentCatalog(directory).firstLine
        try LogReader(directory).forEachLine(from: first, through: end) { line in
            do throws(EventCodingError) {
                try search.read(line.bytes)
            } catch {
                throw UnreadableEvent(line: line.place, reason: error)
            }
        }
        return search
    }
}
