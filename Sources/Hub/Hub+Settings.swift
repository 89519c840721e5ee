package import EventLog
import NIOPosix
package import Projections

extension Hub {
    /// The node's name, how long its hub waits, and how much it may hold.
    package struct Settings: Sendable {
        package var node: NodeName
        package var version: String
        /// A connection without a listener and without a sign of life ends after this time.
        package var connectionTimeout: Duration = .seconds(15)
        /// A user without connections is forgotten after this time.
        package var userTimeout: Duration = .seconds(24 * 3600)
        /// Another node that holds listeners and is silent for this time has lost them.
        package var nodeTimeout: Duration = .seconds(30)
        /// Whether another node decides the order: that one ends what expires and writes checkpoints.
        package var isFollower = false
        /// Where another node decides: a command is answered after this time, whatever has become of it.
        package var commandTimeout: Duration = .seconds(3)
        /// A stop waits no longer for a log that has committed nothing for this time.
        package var stopPatience: Duration = .seconds(3)
        /// Signs checkpoints; without it they are not signed.
        package var key: NodeKey?
        /// The event for the log when the epoch opens: this node's key signs it from here on, where another one did.
        package var keyChange: LogKeyChanged?
        /// The size that the log's last checkpoint is about, if one is known.
        package var lastCheckpointSize: UInt64?
        /// Runs work on another thread than the hub's, which it keeps busy for some ten milliseconds.
        var elsewhere: @Sendable (@escaping @Sendable () -> Void) -> Void = { work in
            NIOThreadPool.singleton.submit { _ in work() }
        }
        /// Whether another large answer can be held until its client takes it; asked before one is made.
        package var hasRoomForAnswers: @Sendable () -> Bool = { true }
        /// Commands that may wait for the hub, and as many again for their commit.
        package var mailboxCapacity = 65_536

        package init(node: NodeName, version: String) {
            self.node = node
            self.version = version
        }
    }
}
