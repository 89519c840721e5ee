package import EventLog
package import LogValues
package import Projections
package import RawJSON

/// What an erasure took away, for whoever ordered it.
package struct ErasureAccount: Sendable, Equatable {
    package let target: ErasureTarget
    /// Whether the log says anything about the target.
    package let isKnown: Bool
    /// Lines that lost their content.
    package let lineCount: Int
    /// How many of them held values of the user's state.
    package let stateCount: Int
    /// Messages that clients were told to take away.
    package let messageCount: Int
    /// The last line that was looked at; what came later is untouched.
    package let end: SequenceNumber?
    /// Whether nothing is left up to there.
    package var isComplete: Bool { !self.isLimited && self.keptElsewhere.isEmpty }
    /// Whether there is more than one order can name.
    private let isLimited: Bool
    /// The line that orders it; nil if there was nothing to erase.
    package private(set) var order: SequenceNumber?
    package private(set) var segments: [SegmentName] = []
    package private(set) var removed: [String] = []
    /// Those of `segments` whose old bytes have another name on the disk.
    package private(set) var keptElsewhere: [SegmentName] = []

    package init(_ search: ErasureSearch, through end: SequenceNumber?) {
        self.target = search.target
        self.isKnown = search.isKnown
        self.lineCount = search.lines.count
        self.stateCount = search.stateCount
        self.messageCount = search.messages.count
        self.end = end
        self.isLimited = search.isLimited
    }

    package mutating func add(_ report: LogErasure.Report?) {
        self.order = report?.orders.first
        self.segments = report?.segments ?? []
        self.removed = report?.removed ?? []
        self.keptElsewhere = report?.keptElsewhere ?? []
    }

    package func write(into writer: inout JSONWriter) {
        writer.beginObject()
        switch self.target {
        case .message(let uuid):
            writer.key("message")
            writer.string("\(uuid)")
        case .user(let user):
            writer.key("user")
            writer.string(utf8: user.utf8)
        case .channel(let channel):
            writer.key("channel")
            writer.string(utf8: channel.utf8)
        }
        writer.key("event")
        if let order = self.order { writer.integer(order.rawValue) } else { writer.null() }
        writer.key("lines")
        writer.integer(UInt64(self.lineCount))
        writer.key("states")
        writer.integer(UInt64(self.stateCount))
        writer.key("messages")
        writer.integer(UInt64(self.messageCount))
        writer.key("through")
        writer.integer(self.end?.rawValue ?? 0)
        writer.key("complete")
        writer.bool(self.isComplete)
        self.write("segments", self.segments.map(\.fileName), into: &writer)
        self.write("removed", self.removed, into: &writer)
        self.write("kept_elsewhere", self.keptElsewhere.map(\.fileName), into: &writer)
        writer.endObject()
    }

    private func write(_ key: StaticString, _ names: [String], into writer: inout JSONWriter) {
        writer.key(key)
        writer.beginArray()
        for name in names { writer.string(name) }
        writer.endArray()
    }
}
