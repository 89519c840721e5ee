package import EventLog
package import LogValues
package import Logging
package import Projections
import SystemPackage

/// Brings back the hub's state at a start: from the newest snapshot that can be used and the lines behind it, or else from
/// all lines.
///
/// A snapshot that does not count (``ConfirmedSnapshots``) is passed over with a warning.
package struct StateRestoration {
    /// What came out.
    package struct Result: Sendable {
        package let state: HubState
        package let seenByListeners: SequenceNumber
        /// Lines that were replayed.
        package let eventCount: UInt64
        /// The snapshot that it began with.
        package let snapshot: SnapshotName?
        /// Who signs the log.
        package let signing: LogSigning
    }

    package let store: SnapshotStore
    package let reader: LogReader
    package let logID: String
    /// The last line; 0 if there is none.
    package let end: UInt64
    package let logger: Logger

    package init(
        store: SnapshotStore,
        reader: LogReader,
        logID: String,
        end: UInt64,
        logger: Logger
    ) {
        self.store = store
        self.reader = reader
        self.logID = logID
        self.end = end
        self.logger = logger
    }

    /// Blocks while it reads.
    ///
    /// - Parameters:
    ///   - check: Called now and then; what it throws ends the restoration.
    ///   - progress: Called every 10,000 events with the events replayed so far, and how many there are to replay.
    /// - Returns: The state as of the log's end.
    /// - Throws: What is wrong with the log; ``EventLogError/historyIncomplete(first:)`` if lines are missing for which
    ///   no snapshot stands.
    package func run(check: () throws -> Void, progress: (UInt64, UInt64) -> Void) throws -> Result {
        let end = SequenceNumber(self.end)
        let snapshots = ConfirmedSnapshots(self.store, of: self.reader, logID: self.logID)
        let snapshot = try snapshots.start(end: end, check: check) { name, error in
            self.logger.warning("snapshot passed over", metadata: ["snapshot": "\(name)", "reason": "\(error)"])
        }
        let name = snapshot?.name
        let count = self.end - (name?.through.rawValue ?? 0)
        var replay = snapshot.map { LogReplay(from: $0) } ?? LogReplay()
        try replay.run(self.reader) { done in
            try check()
            progress(done, count)
        }
        return Result(
            state: replay.state,
            seenByListeners: replay.seenByListeners,
            eventCount: replay.eventCount,
            snapshot: name,
            signing: replay.signing
        )
    }
}
