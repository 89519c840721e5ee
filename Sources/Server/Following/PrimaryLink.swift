import EventLog
import Logging
import NIOCore
import Projections

/// Keeps a follower and its primary together: fetches the log as it grows, and hands proposals over.
///
/// It goes on for ever where the primary cannot be reached, and ends with an error only where going on would be wrong.
struct PrimaryLink: Sendable {
    private static let firstPause = Duration.milliseconds(100)
    private static let longestPause = Duration.seconds(2)
    /// How often the primary is asked for a signed checkpoint.
    private static let checkpointInterval = TimeAmount.seconds(20)
    /// How often the lag is told, while there is one.
    private static let lagInterval = TimeAmount.seconds(2)
    /// How often it hears of this node that has nothing to propose.
    private static let heartbeat = TimeAmount.seconds(1)
    /// Bytes that may wait for this node's own log.
    private static let pendingLimit = 16 << 20

    let client: PrimaryClient
    let intake: LogIntake
    let sequencer: RemoteSequencer
    let status: FollowStatus
    let logger: Logger
    let erasure: FollowedErasure

    /// Runs until it is cancelled.
    ///
    /// - Parameter onLevel: Called once, when this node has all that the primary had at the first contact.
    /// - Throws: ``FollowError`` where going on would be wrong.
    func run(onLevel: @escaping @Sendable () async -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.fetch(stopsWhenLevel: false, onLevel: onLevel) }
            group.addTask { try await self.send() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Fetches until this node has all that the primary had at the first contact, and has checked it against what the
    /// primary signed then; proposes nothing.
    ///
    /// - Throws: ``FollowError`` where going on would be wrong.
    func catchUp() async throws {
        try await self.fetch(stopsWhenLevel: true) {}
    }

    // MARK: The log, from there

    private func fetch(stopsWhenLevel: Bool, onLevel: @escaping @Sendable () async -> Void) async throws {
        var pause = Self.firstPause
        var isLevel = false
        while !Task.isCancelled {
            do {
                try await self.session(
                    isLevel: &isLevel,
                    stopsWhenLevel: stopsWhenLevel,
                    pause: &pause,
                    onLevel: onLevel
                )
                if isLevel, stopsWhenLevel { return }
            } catch let error as FollowError {
                // A proxy in between, or the primary's configuration, may be at fault for a while.
                guard error.mayPass, self.status.report.lastContact != nil else { throw error }
                self.lost("\(error)")
            } catch {
                if Task.isCancelled { return }
                self.lost("\(error)")
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }

    private func lost(_ reason: String) {
        guard self.status.lostContact() else { return }
        self.logger.warning("primary not reachable", metadata: ["reason": "\(reason)"])
    }

    private func session(
        isLevel: inout Bool,
        stopsWhenLevel: Bool,
        pause: inout Duration,
        onLevel: @Sendable () async -> Void
    ) async throws {
        let overview = try await self.meet()
        pause = Self.firstPause
        var met = NIODeadline.now()
        var saidLag = NIODeadline.now()
        guard let name = overview.segment(holding: await self.intake.next) else {
            throw FollowError.missingLines(next: await self.intake.next, first: overview.first)
        }
        try await self.intake.begin(name)
        while !Task.isCancelled {
            if NIODeadline.now() - met > Self.checkpointInterval {
                _ = try await self.meet()
                met = .now()
            }
            if !isLevel, await self.intake.isLevel(with: overview.end),
                await self.isApplied(overview.end)
            {
                isLevel = true
                self.logger.info("level with the primary", metadata: ["position": "\(self.status.report.position)"])
                await onLevel()
                if stopsWhenLevel { return }
            }
            guard try await self.step() else { return }
            if NIODeadline.now() - saidLag > Self.lagInterval {
                saidLag = .now()
                self.reportLag()
            }
        }
    }

    /// Says how far behind this node is, if it is for longer than a moment.
    private func reportLag() {
        let report = self.status.report
        guard let since = report.behindSince, NIODeadline.now() - since > Self.lagInterval else { return }
        self.logger.info(
            "behind the primary",
            metadata: ["position": "\(report.position)", "end": "\(report.primaryEnd)", "lag": "\(report.lag)"]
        )
    }

    private func meet() async throws -> LogOverview {
        let overview = try await self.client.overview()
        try await self.intake.meet(overview)
        self.status.learned(maxBodySize: overview.maxBodySize)
        if self.status.contact(end: overview.end, node: overview.node) {
            let report = self.status.report
            self.logger.info(
                "following",
                metadata: [
                    "primary": "\(self.client.url)", "node": "\(overview.node)", "end": "\(overview.end)",
                    "position": "\(report.position)", "lag": "\(report.lag)",
                ]
            )
        }
        return overview
    }

    /// Fetches one part; false if the segment is not there, so that the list has to be looked at again.
    private func step() async throws -> Bool {
        guard let (segment, offset) = await self.intake.wanted else { return false }
        switch try await self.client.chunk(of: segment, from: offset) {
        case .unknownSegment:
            return false
        case .beyondEnd:
            try await self.intake.startOver(nil)
        case .chunk(let chunk):
            self.status.contact(end: chunk.end)
            if let rest = chunk.rest { self.status.misses(bytes: rest) }
            try await self.intake.take(chunk.bytes, isEnd: chunk.isEnd)
            try await self.settle()
        }
        return true
    }

    /// Lets this node's log come after, and erases what was erased.
    private func settle() async throws {
        let local = self.sequencer.local
        while local.pendingSizeBytes > Self.pendingLimit, local.failure == nil, !Task.isCancelled {
            _ = await local.committed.wait(timeout: .milliseconds(100)) { _ in
                local.pendingSizeBytes <= Self.pendingLimit
            }
        }
        if let failure = local.failure { throw FollowError.ownLog("\(failure)") }
        guard await self.intake.takeErasure() else { return }
        let end = self.status.report.position
        while !Task.isCancelled, local.failure == nil, !(await self.isApplied(end)) {}
        try await self.intake.forgetTransfer()
        do {
            try await self.erasure.finish(SequenceNumber(end))
        } catch {
            // The next start finishes it: going on without would keep what has to go.
            throw FollowError.ownLog("an erasure could not be carried out: \(error)")
        }
    }

    /// Waits a little until a line is in this node's own log, and on its way to the hub; whether it is.
    private func isApplied(_ line: UInt64) async -> Bool {
        await self.sequencer.local.committed.wait(for: line, timeout: .milliseconds(500))
    }

    // MARK: Proposals, to there

    private func send() async throws {
        while !Task.isCancelled {
            let rings = self.sequencer.bell.rings
            var pause = Self.heartbeat
            if self.status.report.lastContact != nil {
                do {
                    let upload = self.sequencer.upload()
                    let receipt = try await self.client.propose(upload, partSize: self.status.report.maxBodySize)
                    try self.sequencer.received(receipt)
                    self.status.contact(end: receipt.end)
                    // What the primary would not take yet, it takes when this node has come up with its log.
                    if self.sequencer.hasUnsent { pause = .milliseconds(20) }
                } catch let error as FollowError {
                    guard error.mayPass else { throw error }
                    self.lost("\(error)")
                } catch {
                    if Task.isCancelled { return }
                    self.lost("\(error)")
                    pause = .milliseconds(200)
                }
            }
            await self.sequencer.bell.wait(after: rings, timeout: pause)
        }
    }
}
