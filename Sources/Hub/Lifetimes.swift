import LogValues
import Projections

/// How long connections and users may be silent before an event ends them.
///
/// Signs of life are no events: they would flood the log. So this state is not the log's; after a restart every
/// connection has its full time again, and every user what is left of it.
struct Lifetimes: Sendable {
    private var connections: ExpiryClock<ConnectionID>
    private var users: ExpiryClock<UserName>
    /// Connections that were open when the node died, and that nobody has taken up since.
    private var crashed: Set<ConnectionID> = []

    init(connectionTimeout: Duration, userTimeout: Duration) {
        self.connections = ExpiryClock(timeout: connectionTimeout)
        self.users = ExpiryClock(timeout: userTimeout)
    }

    /// Takes over what a replayed state holds.
    ///
    /// - Parameters:
    ///   - state: Before this node's new epoch.
    ///   - node: This node. Sockets at others give no sign of life here; their node answers for them.
    ///   - wallClock: The time of the last events is wall time; what is left of a user's time is reckoned by it.
    ///   - now: By the clock that never goes back.
    mutating func resume(_ state: borrowing HubState, of node: NodeName, wallClock: Timestamp, now: Duration) {
        for connection in state.connections {
            if let holder = connection.node, holder != node {
                if connection.transport == .longPoll { self.connections.touch(connection.id, now: now) }
                continue
            }
            self.connections.touch(connection.id, now: now)
            if connection.transport != nil { self.crashed.insert(connection.id) }
        }
        let away = state.users
            .filter(\.connections.isEmpty)
            .map { user in
                let silence = Duration.microseconds(wallClock.microseconds - user.lastActive.microseconds)
                return (name: user.name, sign: now - min(max(silence, .zero), self.users.timeout))
            }
        for user in away.sorted(by: { $0.sign < $1.sign }) {
            self.users.touch(user.name, now: user.sign)
        }
    }

    mutating func signOfLife(_ connection: ConnectionID, now: Duration) {
        self.connections.touch(connection, now: now)
    }

    /// Follows an event that was applied.
    ///
    /// - Parameters:
    ///   - payload: The event's.
    ///   - owner: The user of the connection that it closed, looked up before it was applied.
    ///   - state: After it.
    ///   - now: By the clock that never goes back.
    mutating func follow(_ payload: Event.Payload, owner: UserName?, state: borrowing HubState, now: Duration) {
        switch payload {
        case .userConnected(let event):
            self.users.forget(event.user)
            if state.connection(event.connection)?.transport != .webSocket {
                self.connections.touch(event.connection, now: now)
            }
        case .connectionAttached(let event):
            self.crashed.remove(event.connection)
            switch event.transport {
            case .webSocket: self.connections.forget(event.connection)
            case .longPoll: self.connections.touch(event.connection, now: now)
            }
        case .connectionDetached(let event):
            if state.connection(event.connection) != nil { self.connections.touch(event.connection, now: now) }
        case .connectionClosed(let event):
            self.crashed.remove(event.connection)
            self.connections.forget(event.connection)
            if let owner, state.user(owner)?.connections.isEmpty == true { self.users.touch(owner, now: now) }
        case .userForgotten(let event):
            self.users.forget(event.user)
        case .nodeStarted, .nodeStopped, .connectionSubscribed, .connectionUnsubscribed, .userStateChanged,
            .channelConfigured, .channelForgotten, .messagePosted, .messageEdited, .messageDeleted, .contentErased,
            .logCheckpointed, .logKeyChanged, .logDropped, .unknown:
            break
        }
    }

    mutating func expiredConnections(now: Duration) -> [(ConnectionID, ConnectionClosed.Reason)] {
        self.connections.expired(now: now).map { ($0, self.crashed.contains($0) ? .crash : .expired) }
    }

    mutating func expiredUsers(now: Duration) -> [UserName] {
        self.users.expired(now: now)
    }
}

extension Event.Payload {
    /// Whether somebody comes, goes, or gives a sign of life.
    var concernsLifetimes: Bool {
        switch self {
        case .userConnected, .connectionAttached, .connectionDetached, .connectionClosed, .userForgotten: true
        case .nodeStarted, .nodeStopped, .connectionSubscribed, .connectionUnsubscribed, .userStateChanged,
            .channelConfigured, .channelForgotten, .messagePosted, .messageEdited, .messageDeleted, .contentErased,
            .logCheckpointed, .logKeyChanged, .logDropped, .unknown:
            false
        }
    }

    /// The connection whose end this event brings.
    var closedConnection: ConnectionID? {
        if case .connectionClosed(let event) = self { event.connection } else { nil }
    }
}
