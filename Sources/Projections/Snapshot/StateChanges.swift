import DequeModule
import LogValues

/// The part of a state that a digest has to know: the few things that it covers of the whole, and the channels and
/// users that have changed since the last one.
struct StateChanges: Sendable {
    enum Channel: Sendable {
        case gone(ChannelName)
        case changed(ChangedChannel)
    }

    enum User: Sendable {
        case gone(UserName)
        case changed(ChangedUser)
    }

    struct ChangedChannel: Sendable {
        let name: ChannelName
        let uuid: UUID128
        let settings: ChannelSettings
        let lastActive: Timestamp
        let history: FrameQueue.Changes
        let frames: FrameQueue.Changes
    }

    struct ChangedUser: Sendable {
        let name: UserName
        let uuid: UUID128
        let lastActive: Timestamp
        let publicKeys: [[UInt8]]
        let stateChain: Hash256?
        let frames: FrameQueue.Changes
        let connections: [ConnectionState]
    }

    let position: SequenceNumber
    let statistics: Statistics
    let nodes: [NodeName: NodeState]
    /// Channels that have gone come first: a name may have come back.
    var channels: [Channel] = []
    var users: [User] = []

    /// Changes with the few things, without channels and users.
    init(_ state: borrowing HubState) {
        self.position = state.position
        self.statistics = state.statistics
        self.nodes = state.nodes
    }
}

// MARK: - Out of the state

extension ChannelState {
    /// Takes what has changed since the last time; it counts as unchanged from here on.
    mutating func takeChanges() -> StateChanges.ChangedChannel {
        self.changedAfter = 0
        return self.changed(history: self.storedHistory.takeChanges(), frames: self.frames.takeChanges())
    }

    /// The same for a digest that does not know it.
    mutating func takeEverything() -> StateChanges.ChangedChannel {
        self.changedAfter = 0
        return self.changed(history: self.storedHistory.takeAll(), frames: self.frames.takeAll())
    }

    private func changed(history: FrameQueue.Changes, frames: FrameQueue.Changes) -> StateChanges.ChangedChannel {
        StateChanges.ChangedChannel(
            name: self.name,
            uuid: self.uuid,
            settings: self.settings,
            lastActive: self.lastActive,
            history: history,
            frames: frames
        )
    }
}

extension UserState {
    /// Takes what has changed since the last time; it counts as unchanged from here on.
    mutating func takeChanges(_ connections: [ConnectionID: ConnectionState]) -> StateChanges.ChangedUser {
        self.changedAfter = 0
        return self.changed(frames: self.privateFrames.takeChanges(), connections)
    }

    /// The same for a digest that does not know it.
    mutating func takeEverything(_ connections: [ConnectionID: ConnectionState]) -> StateChanges.ChangedUser {
        self.changedAfter = 0
        return self.changed(frames: self.privateFrames.takeAll(), connections)
    }

    private func changed(
        frames: FrameQueue.Changes,
        _ connections: [ConnectionID: ConnectionState]
    ) -> StateChanges.ChangedUser {
        StateChanges.ChangedUser(
            name: self.name,
            uuid: self.uuid,
            lastActive: self.lastActive,
            publicKeys: self.publicKeys,
            stateChain: self.stateChain,
            frames: frames,
            connections: self.connections.compactMap { connections[$0] }
        )
    }
}
