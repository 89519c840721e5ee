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
    package let isLimited: Bool
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

    /// Adds what was removed besides.
    package mutating func add(removed files: [String]) {
        self.removed += files
    }

    package func write(into writer: inout JSONWriter) {
        writer.object { writer in
            switch self.target {
            case .message(let uuid): writer.member("message", "\(uuid)")
            case .user(let user): writer.member("user", utf8: user.utf8)
            case .channel(let channel): writer.member("channel", utf8: channel.utf8)
            }
            writer.member("through", self.end?.rawValue ?? 0)
            self.writeMembers(into: &writer)
        }
    }

    /// Writes what was taken away, for whoever knows of what.
    package func writeMembers(into writer: inout JSONWriter) {
        writer.member("event", self.order?.rawValue)
        writer.member("lines", self.lineCount)
        writer.member("states", self.stateCount)
        writer.member("messages", self.messageCount)
        writer.member("complete", self.isComplete)
        writer.member("segments", self.segments.map(\.fileName))
        writer.member("kept_elsewhere", self.keptElsewhere.map(\.fileName))
        writer.member("removed", self.removed)
    }
}
