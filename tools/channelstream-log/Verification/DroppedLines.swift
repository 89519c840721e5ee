import EventLog
import Projections
import SystemPackage

/// What a log says of its own first lines that were dropped.
///
/// Retention writes a `log.dropped` before it drops anything; a log that begins late without one was cut by somebody else,
/// or by a release that wrote none.
struct DroppedLines {
    /// A `log.dropped` as a line of the log records it.
    struct Record {
        let line: UInt64
        let dropped: LogDropped

        /// `retention_age`, 90 days: what asked for it.
        var rule: String {
            switch self.dropped.rule {
            case "retention_age": "\(self.dropped.rule) of \(self.dropped.limit) s"
            case "retention_size": "\(self.dropped.rule) of \(self.dropped.limit) bytes"
            default: self.dropped.rule
            }
        }
    }

    private(set) var records: [Record] = []

    mutating func take(_ dropped: LogDropped, in line: UInt64) {
        self.records.append(Record(line: line, dropped: dropped))
    }

    /// What to say where something is not found in a log that begins late.
    ///
    /// - Returns: Nil if the log begins with line 1.
    /// - Throws: ``EventLogError`` if the log cannot be read.
    static func explanation(in directory: FilePath) throws -> String? {
        let first = try SegmentCatalog(directory).firstLine
        guard first > .first else { return nil }
        var dropped = DroppedLines()
        var decoder = EventDecoder()
        try LogReader(directory).forEachLine { line in
            guard LineFields.typeHint(line.bytes) == UInt8(ascii: "l"), let fields = LineFields(line.bytes),
                fields.type.equals("log.dropped"),
                case .logDropped(let record)? = try? decoder.decode(line.bytes).event.payload
            else { return }
            dropped.take(record, in: line.sequenceNumber.rawValue)
        }
        let last = first.rawValue - 1
        guard let record = dropped.record(covering: last) else { return "lines 1–\(last) are not there" }
        return "lines 1–\(last) were dropped (\(record.rule), as line \(record.line) says)"
    }

    /// The first record that covers a line; nil if none does.
    func record(covering line: UInt64) -> Record? {
        self.records.first { $0.dropped.size >= line }
    }

    /// That lines are missing at the beginning of which no record tells.
    ///
    /// - Parameter first: The first line that is kept.
    /// - Returns: Nil if there are none.
    func finding(keptFrom first: SequenceNumber) -> Finding? {
        guard first > .first, self.record(covering: first.rawValue - 1) == nil else { return nil }
        let known = self.records.map(\.dropped.size).max() ?? 0
        return Finding(
            .damage,
            lines: known + 1...first.rawValue - 1,
            "missing, and no log.dropped in the log says that retention dropped them: somebody took them away, or a release did "
                + "that wrote no such events (--partial accepts it)"
        )
    }
}
