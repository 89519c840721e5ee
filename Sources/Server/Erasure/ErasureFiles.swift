package import EventLog
package import Projections

/// The files of an open log, as an erasure sees them.
///
/// A value; its methods block, and one at a time may run.
package struct ErasureFiles: Sendable {
    /// Takes the contents of these lines out of what is kept on disk beside the log; `order` is the line that says so.
    package typealias Forget = @Sendable (_ lines: [SequenceNumber], _ order: SequenceNumber) throws -> Void

    private let log: OpenLog
    private let erasure: LogErasure
    private let forget: Forget

    package init(_ log: OpenLog, forgetting forget: @escaping Forget) {
        self.log = log
        self.erasure = LogErasure(log.directory, logID: log.logID)
        self.forget = forget
    }

    /// Carries out what was ordered and not finished; nil if there was nothing.
    package func finish() throws -> LogErasure.Report? {
        var decoder = EventDecoder()
        return try self.erasure.finish(
            through: self.log.end,
            orders: { line in
                guard case .contentErased(let erased) = try decoder.decode(line.bytes).event.payload else { return nil }
                return erased.lines.map { SequenceNumber($0.rawValue) }
            },
            seal: { line throws(EventLogError) in try self.log.sequencer.seal(line) },
            forgetting: self.forget
        )
    }

    /// Looks through the log for what belongs to a target, and notes on the disk that it may be erased.
    ///
    /// - Returns: What was found, and the last line that was looked at; begun only if there is anything to erase.
    package func begin(_ target: ErasureTarget) throws -> (search: ErasureSearch, end: SequenceNumber?) {
        var search = ErasureSearch(target)
        guard let end = self.log.end, let first = try SegmentCatalog(self.log.directory).segments.first else {
            return (search, nil)
        }
        try LogReader(self.log.directory).forEachLine(from: first.base, through: end) { try search.read($0.bytes) }
        if !search.lines.isEmpty { try self.erasure.begin(after: end) }
        return (search, end)
    }
}
