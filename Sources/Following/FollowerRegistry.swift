package import LogValues
package import NIOCore
package import Projections
import Synchronization

/// The followers that have shown themselves since this node was started, and how far each has come.
package final class FollowerRegistry: Sendable {
    package struct Follower: Sendable, Equatable {
        package let node: NodeName
        /// How far its log reached.
        package var position: SequenceNumber
        package var lastContact: NIODeadline
    }

    /// A follower that has been silent for so long is no longer listed.
    private static let memory = TimeAmount.minutes(60)
    /// Followers that are known at a time; beyond it, new ones have to wait until others are forgotten.
    static let capacity = 256

    private let followers = Mutex<[NodeName: Follower]>([:])

    package init() {}

    /// Returns false if too many others are known.
    func seen(_ node: NodeName, position: SequenceNumber, now: NIODeadline = .now()) -> Bool {
        self.followers.withLock { followers in
            if followers[node] == nil {
                followers = followers.filter { now - $0.value.lastContact < Self.memory }
                guard followers.count < Self.capacity else { return false }
            }
            followers[node] = Follower(node: node, position: position, lastContact: now)
            return true
        }
    }

    /// Sorted by name.
    package var all: [Follower] { self.all(now: .now()) }

    func all(now: NIODeadline) -> [Follower] {
        self.followers.withLock { followers in
            followers.values.filter { now - $0.lastContact < Self.memory }.sorted { $0.node < $1.node }
        }
    }
}
