import Projections

/// Other nodes that hold listeners of this log, and when each was last heard of.
///
/// A node that dies closes none of its connections, and their sockets give no sign of life here: so whoever decides the
/// order does it for a node that has been silent too long. A value without a clock.
struct NodeContacts: Sendable {
    private let own: NodeName
    private let timeout: Duration
    private var lastContact: [NodeName: Duration] = [:]

    init(own: NodeName, timeout: Duration) {
        self.own = own
        self.timeout = timeout
    }

    /// Takes over what a replayed state holds; every node has its full time again.
    mutating func resume(_ state: borrowing HubState, now: Duration) {
        for connection in state.connections {
            if let node = connection.node { self.seen(node, now: now) }
        }
    }

    /// A node told something, or an event of it was applied.
    mutating func seen(_ node: NodeName, now: Duration) {
        if node != self.own { self.lastContact[node] = now }
    }

    /// Nodes that have been silent too long; each is named once, until it is seen again.
    mutating func lost(now: Duration) -> [NodeName] {
        let lost = self.lastContact.filter { now - $0.value >= self.timeout }.map(\.key).sorted()
        for node in lost { self.lastContact[node] = nil }
        return lost
    }
}
