package import LogValues

/// An erasure as it is ordered: the contents, on whose order and why; in the log it is one or more events.
package struct ErasureOrder: Sendable, Equatable {
    /// Lines that one event names; a longer list is split, so that no line of the log gets too long to be read.
    private static let linesPerEvent = 100_000
    /// The deletions take about so many bytes in the log at most.
    private static let deletionSizeLimit = 8 << 20

    package let target: ErasureTarget
    /// Sorted; empty only if the channel is to be forgotten, and nothing of it is left to erase.
    package let lines: [SequenceNumber]
    /// Messages that clients may still show, oldest first.
    package let messages: [MessageDeleted]
    package let orderedBy: String
    package let reason: String
    /// Whether the target, a channel, is to be forgotten as well: its settings, what it keeps, and who is in it.
    package let forgetsChannel: Bool

    package init(
        target: ErasureTarget,
        lines: [SequenceNumber],
        messages: [MessageDeleted],
        orderedBy: String,
        reason: String,
        forgetsChannel: Bool = false
    ) {
        self.target = target
        self.lines = lines
        self.messages = messages
        self.orderedBy = orderedBy
        self.reason = reason
        self.forgetsChannel = forgetsChannel
    }

    /// One proposal: first the messages are deleted, so that clients take them away; then the contents are erased; last of
    /// all the channel is forgotten, if it is to be.
    ///
    /// Only the newest messages are deleted, as many as fit a limit: what is older left all histories long ago.
    package var payloads: [Event.Payload] {
        var size = 0
        let deleted = self.messages.reversed().prefix { message in
            size += message.approximateSize
            return size <= Self.deletionSizeLimit
        }
        var payloads = deleted.reversed().map { Event.Payload.messageDeleted($0) }
        for start in stride(from: 0, to: self.lines.count, by: Self.linesPerEvent) {
            payloads.append(
                .contentErased(
                    ContentErased(
                        target: self.target,
                        lines: Array(self.lines[start..<min(start + Self.linesPerEvent, self.lines.count)]),
                        orderedBy: self.orderedBy,
                        reason: self.reason
                    )
                )
            )
        }
        if self.forgetsChannel, case .channel(let channel) = self.target {
            payloads.append(.channelForgotten(ChannelForgotten(channel: channel)))
        }
        return payloads
    }
}

extension MessageDeleted {
    /// Bytes of its line; names may take more when they are escaped.
    fileprivate var approximateSize: Int {
        let names = self.addressing.only.reduce(0) { $0 + $1.utf8.count + 3 }
        return 256 + names + self.addressing.except.reduce(0) { $0 + $1.utf8.count + 3 }
    }
}
