package import LogValues

/// One message over all of time: as it was posted, and what the log says of it later.
///
/// Other than the channel's history in ``HubState`` it forgets nothing: neither what fell out of the history for its
/// length, nor what was deleted. Where both know a message, both say the same of it. Pure, as the reducer is.
package struct MessageRecord: Sendable, Equatable {
    /// A line about the message, and its time.
    package struct Mark: Sendable, Equatable {
        package let position: SequenceNumber
        package let time: Timestamp
    }

    package let posted: Mark
    /// The message as it stands: with the last edit that came before its deletion.
    package private(set) var message: Message
    package private(set) var editCount = 0
    package private(set) var lastEdit: Mark?
    package private(set) var deletion: Mark?

    /// Begins with the event that posts the message; nil for any other.
    package init?(_ event: Event, at position: SequenceNumber) {
        guard case .messagePosted(let posted) = event.payload else { return nil }
        self.posted = Mark(position: position, time: event.time)
        self.message = Message(posted, time: event.time)
    }

    /// Whether a part of what it shows was erased.
    package var isErased: Bool {
        [self.message.content, self.message.editedContent].contains { $0.map { $0.plain == nil } ?? false }
    }

    /// Takes over an edit or a deletion of this message; events are applied in order.
    ///
    /// It does as the reducer: an event counts where it says the channel that the message was posted to (or, if the
    /// message is private, names one of its users), and after a deletion nothing counts any more.
    package mutating func apply(_ event: Event, at position: SequenceNumber) {
        guard position > self.posted.position, self.deletion == nil else { return }
        switch event.payload.aboutMessages {
        case .edited(let edit) where edit.uuid == self.message.uuid && self.isReached(by: edit.addressing):
            self.message.apply(edit, at: position, time: event.time)
            self.editCount += 1
            self.lastEdit = Mark(position: position, time: event.time)
        case .deleted(let deletion)
        where deletion.uuid == self.message.uuid && self.isReached(by: deletion.addressing):
            self.deletion = Mark(position: position, time: event.time)
        case .posted, .edited, .deleted, .erased, nil:
            break
        }
    }

    private func isReached(by addressing: Addressing) -> Bool {
        guard addressing.channel == self.message.addressing.channel else { return false }
        return addressing.channel != nil || addressing.only.contains(where: self.message.addressing.only.contains)
    }
}
