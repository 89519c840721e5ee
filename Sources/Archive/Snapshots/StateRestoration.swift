package import EventLog
package import LogValues
package import Logging
package import Projections
import SystemPackage

/// Brings back the hub's state at a start: from the newest snapshot that can be used and the lines behind it, or else from
/// all lines.
///
/// A snapshot is used only if it is whole, has the digest that it was written with, and a checkpoint that the log holds
/// behind it says the same root and state digest. Any other is passed over with a warning.
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
    /// The first line that is kept.
    package let firstLine: SequenceNumber
    /// The last line; 0 if there is none.
    package let end: UInt64
    package let logger: Logger

    package init(
        store: SnapshotStore,
        reader: LogReader,
        logID: String,
        firstLine: SequenceNumber,
        end: UInt64,
        logger: Logger
    ) {
        self.store = store
        self.reader = reader
        self.logID = logID
        self.firstLine = firstLine
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
        for name in try self.store.names().reversed() {
            let snapshot: LoadedSnapshot
            do {
                snapshot = try self.load(name, check)
            } catch let error as CancellationError {
                throw error
            } catch {
                self.warn(name, error)
                continue
            }
            switch try self.replay(from: snapshot, check, progress) {
            case .success(let result): return result
            case .failure(let trouble): self.warn(name, trouble)
            }
        }
        guard self.firstLine == .first else { throw EventLogError.historyIncomplete(first: self.firstLine) }
        var replay = LogReplay()
        let end = self.end
        try replay.run(self.reader) { count in
            try check()
            progress(count, end)
        }
        return Self.result(replay, from: nil)
    }

    private func load(_ name: SnapshotName, _ check: () throws -> Void) throws -> LoadedSnapshot {
        guard name.through.rawValue <= self.end else { throw SnapshotTrouble.beyondEnd(end: self.end) }
        guard name.through.next >= self.firstLine else {
            throw SnapshotTrouble.beforeFirstLine(first: self.firstLine)
        }
        return try LoadedSnapshot(name, in: self.store, ofLog: self.logID, check: check)
    }

    /// A failure says that the snapshot is to blame; what is thrown, that something else is.
    private func replay(
        from snapshot: consuming LoadedSnapshot,
        _ check: () throws -> Void,
        _ progress: (UInt64, UInt64) -> Void
    ) throws -> Swift.Result<Result, SnapshotTrouble> {
        let name = snapshot.name
        let count = self.end - name.through.rawValue
        var replay = LogReplay(from: snapshot)
        do {
            try replay.run(self.reader) { done in
                try check()
                progress(done, count)
            }
        } catch let trouble as SnapshotTrouble {
            return .failure(trouble)
        }
        return replay.isConfirmed ? .success(Self.result(replay, from: name)) : .failure(.unconfirmed)
    }

    private static func result(_ replay: borrowing LogReplay, from snapshot: SnapshotName?) -> Result {
        Result(
            state: replay.state,
            seenByListeners: replay.seenByListeners,
            eventCount: replay.eventCount,
            snapshot: snapshot,
            signing: replay.signing
        )
    }

    private func warn(_ name: SnapshotName, _ error: any Error) {
        self.logger.warning("snapshot passed over", metadata: ["snapshot": "\(name)", "reason": "\(error)"])
    }
}
