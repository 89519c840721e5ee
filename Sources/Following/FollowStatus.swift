package import LogValues
package import NIOCore
import Synchronization

/// How a follower stands to its primary, for whoever asks: log lines, `/log/status`, and those who hand writes on.
package final class FollowStatus: Sendable {
    package struct Report: Sendable, Equatable {
        var primaryNode: String?
        /// The end of the primary's log, as of the last contact.
        package var primaryEnd = SequenceNumber.start
        /// How far lines came in and were checked.
        var position = SequenceNumber.start
        package var lastContact: NIODeadline?
        /// Since when contact fails; nil while it works, and before the first try.
        package var unreachableSince: NIODeadline?
        /// Since when this node has not had all that the primary had; nil while it has.
        package var behindSince: NIODeadline?
        /// Bytes of the primary's segments that had not come at the last contact.
        package var missingBytes: UInt64 = 0
        /// Size of the newest checkpoint that was seen.
        package var checkpointSize: UInt64 = 0

        /// Why nothing is taken from the primary at present, though it may well answer; nil while all is well.
        package var stall: Stall?

        /// The largest request body that the primary takes, in bytes.
        var maxBodySize = 1 << 20

        var lag: UInt64 { self.primaryEnd.count(after: self.position) }
    }

    /// This node's own disk is in the way.
    package struct Stall: Sendable, Equatable {
        let reason: String
        /// Whether only a restart helps.
        let isForGood: Bool
    }

    /// How many log lines about contact lost and found may be written now, and since when.
    private struct Allowance {
        static let most = 10
        static let interval = TimeAmount.seconds(10)
        var count = Self.most
        var since = NIODeadline.distantPast
    }

    private let state = Mutex(Report())
    private let allowance = Mutex(Allowance())

    /// Whether a change of contact may be said: ten, and one more every ten seconds, so that nobody fills this node's log by
    /// coming and going.
    func maySay(now: NIODeadline = .now()) -> Bool {
        self.allowance.withLock { allowance in
            let earned = (now - allowance.since).nanoseconds / Allowance.interval.nanoseconds
            if earned > 0 {
                allowance.count = min(allowance.count + Int(clamping: earned), Allowance.most)
                allowance.since = now
            }
            guard allowance.count > 0 else { return false }
            allowance.count -= 1
            return true
        }
    }

    package var report: Report { self.state.withLock { $0 } }

    /// Returns whether this ends a time without contact, or begins the first.
    @discardableResult
    func contact(end: SequenceNumber, node: String? = nil, now: NIODeadline = .now()) -> Bool {
        self.state.withLock { report in
            let isNews = report.lastContact == nil || report.unreachableSince != nil
            report.lastContact = now
            report.unreachableSince = nil
            report.primaryEnd = max(end, report.primaryEnd)
            if let node { report.primaryNode = node }
            Self.noteLag(&report, now)
            return isNews
        }
    }

    /// Returns whether it was reachable until now.
    func lostContact(now: NIODeadline = .now()) -> Bool {
        self.state.withLock { report in
            guard report.unreachableSince == nil else { return false }
            report.unreachableSince = now
            return true
        }
    }

    func reached(_ position: SequenceNumber, now: NIODeadline = .now()) {
        self.state.withLock { report in
            report.position = position
            Self.noteLag(&report, now)
        }
    }

    /// Returns whether that is news.
    func stalled(_ stall: Stall) -> Bool {
        self.state.withLock { report in
            let isNews = report.stall == nil || stall.isForGood && report.stall?.isForGood == false
            if isNews { report.stall = stall }
            return isNews
        }
    }

    /// Returns whether it was stalled until now.
    func goesOn() -> Bool {
        self.state.withLock { report in
            guard let stall = report.stall, !stall.isForGood else { return false }
            report.stall = nil
            return true
        }
    }

    func misses(bytes: UInt64) {
        self.state.withLock { $0.missingBytes = bytes }
    }

    func learned(maxBodySize: UInt64) {
        self.state.withLock { $0.maxBodySize = Int(clamping: maxBodySize) }
    }

    func sawCheckpoint(size: UInt64) {
        self.state.withLock { $0.checkpointSize = max($0.checkpointSize, size) }
    }

    private static func noteLag(_ report: inout Report, _ now: NIODeadline) {
        if report.lag == 0 {
            report.behindSince = nil
        } else if report.behindSince == nil {
            report.behindSince = now
        }
    }
}
