package import Hub
package import LogValues
import NIOCore

/// The hub of a follower, as the rest of the server sees it.
///
/// Its state is a little older than the primary's. So a command that it refuses for what it does not know is tried once
/// more with all that the primary knew when it came; and while the primary cannot be reached, or what it decides cannot be
/// taken in here, commands that need it are refused at once. What was handed on and is not decided in time, the hub answers
/// (``Hub/Settings/commandTimeout``).
package struct FollowerSink: CommandSink {
    /// A primary that is started again is back before this.
    private static let grace = TimeAmount.seconds(3)
    /// A primary that has been silent for so long cannot be reached, whatever its connections say: it hears of this node
    /// every second.
    private static let silence = TimeAmount.seconds(4)
    private static let patience = TimeAmount.seconds(2)

    package let hub: any CommandSink
    package let status: FollowStatus
    package let committed: CommitWatch
    /// Asks for the end of the primary's log now.
    let primaryEnd: @Sendable () async throws -> SequenceNumber

    package init(
        hub: any CommandSink,
        status: FollowStatus,
        committed: CommitWatch,
        primaryEnd: @escaping @Sendable () async throws -> SequenceNumber
    ) {
        self.hub = hub
        self.status = status
        self.committed = committed
        self.primaryEnd = primaryEnd
    }

    package func hand(_ request: HubRequest, reply: @escaping @Sendable (Reply) -> Void) {
        switch request {
        case .command(.erase):
            // Ordered here, it would leave the contents in the primary's files.
            reply(.unavailable(reason: "this node is a follower; erase at its primary"))
        case .command(.checkpoint):
            reply(.unavailable(reason: "the primary has written no checkpoint of this yet; ask it"))
        case .command, .question(.find):
            self.handOn(request, reply: reply)
        case .question, .notice:
            self.hub.hand(request, reply: reply)
        }
    }

    /// What becomes an event, or asks what one would meet, needs the node that decides.
    private func handOn(_ request: HubRequest, reply: @escaping @Sendable (Reply) -> Void) {
        if let reason = Self.obstacle(self.status.report, now: .now()) {
            return reply(.unavailable(reason: reason))
        }
        self.hub.hand(request) { answer in
            guard answer.isRefusal else { return reply(answer) }
            Task {
                guard let end = try? await self.primaryEnd(),
                    await self.committed.wait(for: end, timeout: Self.patience)
                else { return reply(answer) }
                self.hub.hand(request, reply: reply)
            }
        }
    }

    /// Why nothing can be decided now; nil if it can.
    static func obstacle(_ report: FollowStatus.Report, now: NIODeadline) -> String? {
        if report.stall != nil {
            return "this node cannot take in what its primary decides; reads and listeners go on"
        }
        let isAway = report.unreachableSince.map { now - $0 > Self.grace } ?? false
        let isSilent = report.lastContact.map { now - $0 > Self.silence } ?? false
        return isAway || isSilent ? "the primary cannot be reached; reads and listeners go on" : nil
    }
}

extension Reply {
    /// Whether the state was in the way, which may be different where the state is newer.
    fileprivate var isRefusal: Bool {
        switch self {
        case .invalid, .refused: true
        case .json, .attached, .missed, .unavailable: false
        }
    }
}
