package import Archive
package import EventLog
package import LogValues
package import Logging
import Synchronization
package import SystemPackage

/// An open log, for the parts of the server that read it or act on its files.
package struct OpenLog: Sendable {
    package let directory: FilePath
    package let logID: String
    package let key: NodeKey
    package let sequencer: LocalSequencer
    /// Makes its snapshots; nil where there are none.
    ///
    /// An erasure runs in ``SnapshotKeeper/exclusively(_:)``.
    package let snapshots: SnapshotKeeper?
    package let fileSystem: any FileSystem
    /// The lines that are being erased, to be shown as if they were.
    package let erasures: PendingErasures
    /// Finds lines without reading the log; behind it until ``IndexService`` has read it once.
    package let index: MessageIndex

    package init(
        directory: FilePath,
        logID: String,
        key: NodeKey,
        sequencer: LocalSequencer,
        snapshots: SnapshotKeeper? = nil,
        fileSystem: any FileSystem = PosixFileSystem(),
        logger: Logger = Logger(label: "channelstream")
    ) {
        self.directory = directory
        self.logID = logID
        self.key = key
        self.sequencer = sequencer
        self.snapshots = snapshots
        self.fileSystem = fileSystem
        self.erasures = PendingErasures()
        self.index = MessageIndex(
            directory,
            logID: logID,
            end: { sequencer.end },
            fileSystem: fileSystem,
            erasures: self.erasures,
            logger: logger
        )
    }

    /// The last event that was committed, which is how far the log may be read; nil while there is none.
    package var end: SequenceNumber? { self.sequencer.end }
}

/// Stands before the open log as ``HubGate`` does before the hub: empty until the log was replayed.
package final class LogGate: Sendable {
    private let opened = Mutex<OpenLog?>(nil)

    package init() {}

    package func open(_ log: OpenLog) {
        self.opened.withLock { $0 = log }
    }

    /// Why nothing can be written to the log, in words that anybody may read; nil if all is well.
    package var trouble: String? {
        guard let log = self.log else { return "The log is being replayed; this takes a moment." }
        return log.sequencer.failure.map { _ in
            "The log has failed, and nothing can be changed until a restart. The server's own log says why."
        }
    }

    /// The open log; nil until it was replayed, which is answered with 503.
    package var log: OpenLog? {
        self.opened.withLock { $0 }
    }
}
