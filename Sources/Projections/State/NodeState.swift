/// A node that proposes events, as far as the log knows it.
package struct NodeState: Hashable, Sendable {
    /// The current or last epoch.
    package internal(set) var epoch: UInt64
    /// False after `node.stopped`; a node that died is running as far as the log knows.
    package internal(set) var isRunning: Bool
}
