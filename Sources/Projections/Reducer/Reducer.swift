package import LogValues

/// Applies events: total (rejects, never traps) and pure (no clock, no chance, no input or output).
///
/// Changes are appended in the order in which listeners must see them. What it does stands in one file a subject:
/// messages, connections, channels, users, erasure.
extension HubState {
    /// Applies one event.
    ///
    /// It costs what the event names: channels, users, and frames kept of them; only the presence of a channel that
    /// broadcasts user lists, and the rare events `node.started` and `content.erased`, look at more.
    ///
    /// - Parameters:
    ///   - event: Any event whatever, sensible in this state or not.
    ///   - position: Its place in the log; the log sees to it that positions rise by one.
    ///   - changes: Where what it changed for listeners is appended.
    /// - Returns: What became of it; a rejected event has changed nothing but the position.
    package mutating func apply(_ event: Event, at position: SequenceNumber, into changes: inout [Change]) -> Outcome {
        // Moved into the list and back, not copied.
        var list = ChangeList(behind: exchange(&changes, with: []))
        let outcome = self.apply(event, at: position, into: &list)
        changes = list.changes
        return outcome
    }

    /// Applies one event of which nobody hears, as a replay does: in everything else the same.
    @discardableResult
    package mutating func apply(_ event: Event, at position: SequenceNumber) -> Outcome {
        var nobody = ChangeList.unheard
        return self.apply(event, at: position, into: &nobody)
    }

    private mutating func apply(_ event: Event, at position: SequenceNumber, into changes: inout ChangeList) -> Outcome
    {
        self.position = position
        let place = Place(position: position, time: event.time, node: event.source)
        switch event.payload {
        case .nodeStarted(let started):
            return self.apply(started, at: place, into: &changes)
        case .nodeStopped(let stopped):
            return self.apply(stopped, at: place)
        case .userConnected(let connected):
            return self.apply(connected, at: place, into: &changes)
        case .connectionSubscribed(let subscribed):
            return self.apply(subscribed, at: place, into: &changes)
        case .connectionUnsubscribed(let unsubscribed):
            return self.apply(unsubscribed, at: place, into: &changes)
        case .connectionAttached(let attached):
            return self.apply(attached, at: place, into: &changes)
        case .connectionDetached(let detached):
            return self.apply(detached, at: place, into: &changes)
        case .connectionClosed(let closed):
            return self.apply(closed, at: place, into: &changes)
        case .userStateChanged(let changed):
            return self.apply(changed, at: place, into: &changes)
        case .userForgotten(let forgotten):
            return self.apply(forgotten)
        case .channelConfigured(let configured):
            return self.apply(configured, at: place)
        case .channelForgotten(let forgotten):
            return self.apply(forgotten, into: &changes)
        case .messagePosted(let message):
            return self.apply(message, at: place, into: &changes)
        case .messageEdited(let edit):
            return self.apply(edit, at: place, into: &changes)
        case .messageDeleted(let deletion):
            return self.apply(deletion, at: place, into: &changes)
        case .contentErased(let erased):
            return self.apply(erased, at: place, into: &changes)
        case .logCheckpointed, .logKeyChanged, .logDropped:
            return .applied
        case .unknown:
            self.statistics.unknownEvents &+= 1
            return .rejected(.unknownType)
        }
    }
}

/// Where an event stands: what every part of the reducer needs of it besides its payload.
struct Place {
    let position: SequenceNumber
    let time: Timestamp
    let node: NodeName
}
