package import Hub
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
    /// The last line of the primary's log now.
    let primaryEnd: @Sendable () async throws -> UInt64

    package init(
        hub: any CommandSink,
        status: FollowStatus,
        committed: CommitWatch,
        primaryEnd: @escaping @Sendable () async throws -> UInt64
    ) {
        self.hub = hub
        self.status = status
        self.committed = committed
        self.primaryEnd = primaryEnd
    }

    package func submit(_ command: Command, reply: @escaping @Sendable (Reply) -> Void) {
        if case .erase = command {
            // Ordered here, it would leave the contents in the primary's files.
            return reply(.unavailable(reason: "this node is a follower; erase at its primary"))
        }
        guard command.needsEvent else { return self.hub.submit(command, reply: reply) }
        if let reason = Self.obstacle(self.status.report, now: .now()) {
            return reply(.unavailable(reason: reason))
        }
        self.hub.submit(command) { answer in
            guard answer.isRefusal else { return reply(answer) }
            Task {
                guard let end = try? await self.primaryEnd(),
                    await self.committed.wait(for: end, timeout: Self.patience)
                else { return reply(answer) }
                self.hub.submit(command, reply: reply)
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

extension Command {
    /// Whether it becomes an event, or asks what one would meet, and so needs the node that decides.
    fileprivate var needsEvent: Bool {
        switch self {
        case .connect, .subscribe, .unsubscribe, .setUserState, .postMessages, .postInBulk, .editMessages,
            .deleteMessages, .configureChannels, .erase, .disconnect, .attach, .recordDrop, .find:
            true
        case .info, .adminInfo, .missedPart, .caughtUp, .listenerClosed, .listenerLost, .signOfLife, .nodeSeen,
            .checkpoint:
            false
        }
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
