import EventLog
import LogValues

/// Something that is wrong with a log.
struct Finding: Equatable {
    let status: ExitStatus
    /// The first bad segment.
    let segment: String?
    /// Where the block begins that holds the first bad line, or what cannot be read, in bytes from the file's start.
    let offset: UInt64?
    /// The lines among which something is wrong; nil if it is not a matter of lines.
    let lines: ClosedRange<UInt64>?
    let message: String

    init(
        _ status: ExitStatus,
        segment: String? = nil,
        offset: UInt64? = nil,
        lines: ClosedRange<UInt64>? = nil,
        _ message: String
    ) {
        self.status = status
        self.segment = segment
        self.offset = offset
        self.lines = lines
        self.message = message
    }

    /// Something that is wrong with one line, or with it and those behind it.
    init(_ status: ExitStatus, at line: LogLine.Place, through last: UInt64 = 0, _ message: String) {
        let number = line.sequenceNumber.rawValue
        self.init(
            status,
            segment: line.segment.fileName,
            offset: line.blockOffset,
            lines: number...max(number, last),
            message
        )
    }

    /// - Parameters:
    ///   - error: What stopped the reading.
    ///   - line: The line that would have come next.
    init(_ error: EventLogError, at line: UInt64) {
        let failure = ToolFailure(error)
        switch error {
        case .damaged(let file, let offset, let damage):
            self.init(.damage, segment: file, offset: offset, lines: line...line, "damaged: \(damage)")
        case .missingLines(let first, let last, let segment):
            self.init(
                .damage,
                segment: SegmentName(base: last.next).fileName,
                offset: 0,
                lines: first.rawValue...last.rawValue,
                "missing: no segment holds them between \(segment) and this one"
            )
        default:
            self.init(failure.status, failure.message)
        }
    }

    /// One line: where, then what.
    var text: String {
        var text = ""
        if let segment { text += "\(segment): " }
        if let offset { text += "offset \(offset): " }
        if let lines {
            text += lines.count == 1 ? "line \(lines.lowerBound): " : "lines \(lines.lowerBound)–\(lines.upperBound): "
        }
        return text + self.message
    }
}

extension ExitStatus {
    /// Which of several findings decides the exit status: what cannot be explained innocently comes first.
    var severity: Int {
        switch self {
        case .forgery: 9
        case .signature: 8
        case .damage: 7
        case .stateDigest: 6
        case .hashes: 5
        case .erasure: 4
        case .tornTail: 3
        case .unreadable: 2
        case .negative: 1
        case .success, .usage: 0
        }
    }
}
