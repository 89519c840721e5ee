import EventLog
import LogValues
import Projections
import RawJSON

/// Says which lines are wanted.
///
/// Every condition that is given must hold; of several values for one, any.
///
/// One for each reading: following users, it remembers. Looks at no more of a line than the conditions need.
struct LineFilter {
    /// Conditions, as they were given.
    struct Conditions: Equatable {
        /// Names, or beginnings of names with `*` at the end.
        var types: [String] = []
        var channels: [String] = []
        var users: [String] = []
        /// The first moment that counts.
        var since: Moment?
        /// The first moment that does not count any more.
        var until: Moment?
        var from: UInt64?
        var through: UInt64?
    }

    private enum TypePattern {
        case whole([UInt8])
        case beginning([UInt8])

        init(_ text: String) {
            self = text.hasSuffix("*") ? .beginning(Array(text.utf8.dropLast())) : .whole(Array(text.utf8))
        }

        func matches(_ type: Bytes) -> Bool {
            switch self {
            case .whole(let name): type.equals(name.span)
            case .beginning(let part): type.holds(part.span, at: 0)
            }
        }
    }

    private let types: [TypePattern]
    private let channels: [[UInt8]]
    private var trail: UserTrail?
    private let since: [UInt8]?
    private let until: [UInt8]?
    private let from: UInt64

    /// The first line that the filter has to see; nil: the first that is kept.
    let firstLine: SequenceNumber?
    /// The last line that can be wanted.
    let lastLine: SequenceNumber?
    /// Whether every line from ``firstLine`` to ``lastLine`` is wanted.
    let takesAll: Bool

    init(_ conditions: Conditions) {
        self.types = conditions.types.map(TypePattern.init)
        self.channels = conditions.channels.map { Array($0.utf8) }
        self.trail = conditions.users.isEmpty ? nil : UserTrail(conditions.users.map { Array($0.utf8) })
        self.since = conditions.since?.logForm
        self.until = conditions.until?.logForm
        self.from = max(conditions.from ?? 1, 1)
        self.firstLine = conditions.users.isEmpty ? conditions.from.map { SequenceNumber(max($0, 1)) } : nil
        self.lastLine = conditions.through.map { SequenceNumber($0) }
        self.takesAll =
            conditions.types.isEmpty && conditions.channels.isEmpty && conditions.users.isEmpty
            && conditions.since == nil && conditions.until == nil
    }

    /// Whether a line is wanted; must be asked about every line from ``firstLine`` on, in order.
    mutating func wants(_ line: LogLine) -> Bool {
        self.wants(line.bytes, at: line.sequenceNumber.rawValue)
    }

    private static func isAny(_ type: Bytes, of patterns: [TypePattern]) -> Bool {
        for pattern in patterns where pattern.matches(type) { return true }
        return false
    }

    /// The same for a line's bytes and number.
    mutating func wants(_ line: Bytes, at number: UInt64) -> Bool {
        if self.takesAll { return true }
        guard let fields = LineFields(line) else { return false }
        // The trail first: it must see every line.
        if self.trail?.follows(fields, at: number) == false { return false }
        guard number >= self.from else { return false }
        if !self.types.isEmpty, !Self.isAny(fields.type, of: self.types) { return false }
        if let since = self.since, fields.time.compare(since) < 0 { return false }
        if let until = self.until, fields.time.compare(until) >= 0 { return false }
        return self.channels.isEmpty || fields.data.names(channelIn: self.channels)
    }
}
