import EventLog
import LogValues
package import Logging
import Projections
package import SystemPackage

/// The file half of a start, without a server: for benchmarks and for whoever prepares a directory.
package enum StartUp {
    /// Opens a log, brings its state back and lets go of both.
    ///
    /// - Returns: Lines that were replayed.
    @discardableResult
    package static func restore(_ directory: FilePath, logger: Logger = Self.silent) throws -> UInt64 {
        let (log, report) = try EventLog.open(directory)
        defer { log.close() }
        let restoration = StateRestoration(
            store: SnapshotStore(in: directory),
            reader: LogReader(directory),
            logID: report.logID,
            end: report.end?.rawValue ?? 0,
            logger: logger
        )
        return try restoration.run {
        } progress: { _, _ in
        }.eventCount
    }

    /// Makes a snapshot of a log that nobody writes.
    package static func makeSnapshot(_ directory: FilePath) throws {
        let (log, report) = try EventLog.open(directory)
        defer { log.close() }
        guard let end = report.end else { return }
        let maker = SnapshotMaker(
            store: SnapshotStore(in: directory),
            reader: LogReader(directory),
            logID: report.logID
        ) { Timestamp.wallClock().microseconds }
        _ = try maker.make(through: end) {
        } passOver: { _, _ in
        }
    }

    package static var silent: Logger { Logger(label: "start-up") { _ in SwiftLogNoOpLogHandler() } }
}
