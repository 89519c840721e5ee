import NIOCore
import Projections
import Synchronization

/// The followers that have shown themselves since this node was started, and how far each has come.
final class FollowerRegistry: Sendable {
    struct Follower: Sendable, Equatable {
        let node: NodeName
        /// The last line that it had.
        var position: UInt64
        var lastContact: NIODeadline
    }

    /// A follower that has been silent for so long is no longer listed.
    private static let memory = TimeAmount.minutes(60)

    private let followers = Mutex<[NodeName: Follower]>([:])

    func seen(_ node: NodeName, position: UInt64, now: NIODeadline = .now()) {
        self.followers.withLock { followers in
            followers[node] = Follower(node: node, position: position, lastContact: now)
            if followers.count > 1 { followers = followers.filter { now - $0.value.lastContact < Self.memory } }
        }
    }

    /// Sorted by name.
    var all: [Follower] { self.followers.withLock { $0.values.sorted { $0.node < $1.node } } }
}
