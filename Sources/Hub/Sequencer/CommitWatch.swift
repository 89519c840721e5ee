package import EventLog
package import LogValues
package import NIOCore
import Synchronization

/// How far a log is committed, for those who wait for more of it.
package final class CommitWatch: Sendable {
    /// The log after its last commit.
    package struct Latest: Sendable {
        package let end: SegmentShipment.End
        package let tree: Frontier
    }

    private let state = Mutex<Latest?>(nil)
    private let bell = Doorbell()
    /// The end of the log when it was opened, which whoever replays it has.
    private let openedEnd: SequenceNumber

    package init(openedEnd: SequenceNumber = .start) {
        self.openedEnd = openedEnd
    }

    /// The log after its last commit; nil before the first one since it was opened.
    package var latest: Latest? { self.state.withLock { $0 } }

    /// Called for each commit, in order, on the log's thread.
    package func note(_ commit: Commit) {
        self.state.withLock { $0 = Latest(end: SegmentShipment.End(commit), tree: commit.frontier) }
        self.bell.ring()
    }

    /// Waits until the condition holds.
    ///
    /// - Parameters:
    ///   - timeout: How long to wait at most.
    ///   - condition: Called once for each commit, briefly.
    /// - Returns: The log then, whether the condition holds or the time is over.
    package func wait(timeout: TimeAmount, until condition: (Latest?) -> Bool) async -> Latest? {
        let deadline = NIODeadline.now() + timeout
        while true {
            let rings = self.bell.rings
            let latest = self.latest
            let now = NIODeadline.now()
            if condition(latest) || now >= deadline { return latest }
            await self.bell.wait(after: rings, timeout: deadline - now)
        }
    }

    /// Waits until a line is committed, and its commit has been handed to the hub; returns whether it is.
    package func wait(for line: SequenceNumber, timeout: TimeAmount) async -> Bool {
        if line <= self.openedEnd { return true }
        let reached = { (latest: Latest?) in (latest?.end.line ?? .start) >= line }
        return reached(await self.wait(timeout: timeout, until: reached))
    }
}
