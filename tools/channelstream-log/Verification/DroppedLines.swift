import EventLog
import LogValues
import Projections
import RawJSON
import SystemPackage

/// What a log says of its own first lines that were dropped.
///
/// Retention writes a `log.dropped` before it drops anything, and a follower the file `dropped`; a log that begins late without
/// either was cut by somebody else, or by a release that wrote none.
struct DroppedLines {
    /// A `log.dropped` of the log, or the file that stands for one.
    struct Record {
        /// The line that says it; nil: the file.
        let line: UInt64?
        let size: UInt64
        let reason: String
        let limit: UInt64

        /// `retention_age of 60 s, as line 17 says`.
        var text: String {
            let rule =
                switch self.reason {
                case "retention_age": "\(self.reason) of \(self.limit) s"
                case "retention_size": "\(self.reason) of \(self.limit) bytes"
                case DropNote.followedReason: "while another node wrote the log"
                default: self.reason
                }
            return rule
                + (self.line.map { ", as line \($0) says" }
                    ?? ", as the file \(DropNote.fileName) says, which nobody signed")
        }
    }

    private(set) var records: [Record] = []

    mutating func take(_ dropped: LogDropped, in line: UInt64) {
        self.records.append(Record(line: line, size: dropped.size, reason: dropped.rule, limit: dropped.limit))
    }

    /// Takes the file that stands for an event which a follower cannot write.
    mutating func take(_ note: DropNote) {
        self.records.append(Record(line: nil, size: note.size, reason: note.reason, limit: note.limit))
    }

    private static func note(besideLogIn directory: FilePath) throws(EventLogError) -> DropNote? {
        guard let note = try DropNote.read(in: directory), let first = try SegmentCatalog(directory).segments.first,
            let header = try LogReader(directory).header(of: first), note.accounts(for: header)
        else { return nil }
        return note
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
            guard let fields = LineFields(line.bytes), fields.type.equals("log.dropped"),
                case .logDropped(let record)? = try? decoder.decode(line.bytes).event.payload
            else { return }
            dropped.take(record, in: line.sequenceNumber.rawValue)
        }
        if let note = try Self.note(besideLogIn: directory) { dropped.take(note) }
        let last = first.rawValue - 1
        guard let record = dropped.record(covering: last) else { return "lines 1–\(last) are not there" }
        return "lines 1–\(last) were dropped (\(record.text))"
    }

    /// The first record that covers a line; nil if none does.
    func record(covering line: UInt64) -> Record? {
        self.records.first { $0.size >= line }
    }

    /// That lines are missing at the beginning of which no record tells.
    ///
    /// - Parameter first: The first line that is kept.
    /// - Returns: Nil if there are none.
    func finding(keptFrom first: SequenceNumber) -> Finding? {
        guard first > .first, self.record(covering: first.rawValue - 1) == nil else { return nil }
        let known = self.records.map(\.size).max() ?? 0
        return Finding(
            .damage,
            lines: known + 1...first.rawValue - 1,
            "missing, and no log.dropped in the log, nor a file `dropped` beside it, says that retention dropped them: somebody "
                + "took them away, or a release did that wrote neither (--partial accepts it)"
        )
    }
}
