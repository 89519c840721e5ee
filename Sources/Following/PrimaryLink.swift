import EventLog
import Hub
import LogValues
import Logging
import NIOCore
import Projections

/// Keeps a follower and its primary together: fetches the log as it grows, and hands proposals over.
///
/// It goes on for ever where the primary cannot be reached, and ends with an error only where going on would be wrong.
struct PrimaryLink: Sendable {
    /// How often the primary is asked for a signed checkpoint.
    private static let checkpointInterval = TimeAmount.seconds(20)
    /// How often the lag is told, while there is one.
    private static let lagInterval = TimeAmount.seconds(2)
    /// How often it hears of this node that has nothing to propose.
    private static let heartbeat = TimeAmount.seconds(1)
    /// Bytes that may wait for this node's own log.
    private static let pendingLimit = 16 << 20
    /// An answer without anything in it is expected to have waited for so long.
    private static let leastWait = TimeAmount.seconds(1)

    let client: PrimaryClient
    let intake: LogIntake
    let sequencer: RemoteSequencer
    let status: FollowStatus
    let logger: Logger
    let erasure: FollowedErasure
    /// For pauses between tries.
    var backoff = Backoff()

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
        var backoff = self.backoff
        var isLevel = false
        while !Task.isCancelled {
            let position = self.status.report.position
            if let failure = self.sequencer.local.failure, !stopsWhenLevel {
                return await self.stopTaking("\(failure)")
            }
            do {
                try await self.session(isLevel: &isLevel, stopsWhenLevel: stopsWhenLevel, onLevel: onLevel)
                if isLevel, stopsWhenLevel { return }
            } catch FollowError.shortage(let reason) where !stopsWhenLevel {
                await self.waitForRoom(reason)
            } catch FollowError.ownLog(let reason) where !stopsWhenLevel {
                return await self.stopTaking(reason)
            } catch let error as FollowError {
                // A proxy in between, or the primary's configuration, may be at fault for a while.
                guard error.mayPass, self.status.report.lastContact != nil else { throw error }
                self.lost("\(error)")
            } catch {
                if Task.isCancelled { return }
                self.lost("\(error)")
            }
            // Only lines count as success: whoever answers well and gives nothing is asked less and less often.
            if self.status.report.position > position { backoff.reset() }
            try? await Task.sleep(for: backoff.pause())
        }
    }

    // MARK: This node's own disk

    /// Takes nothing from the primary until there is room again.
    ///
    /// Reads and listeners go on, and the primary hears of this node as before.
    private func waitForRoom(_ reason: String) async {
        if self.status.stalled(FollowStatus.Stall(reason: reason, isForGood: false)) {
            self.logger.error(
                "following stopped for want of room; it goes on by itself when there is",
                metadata: ["reason": "\(reason)"]
            )
        }
        var backoff = self.backoff
        // What was handed to the log is committed, or the log has failed, before anything else is tried.
        while !Task.isCancelled, self.sequencer.local.failure == nil {
            try? await Task.sleep(for: backoff.pause())
            guard await self.isApplied(self.sequencer.position) else { continue }
            if (try? await self.intake.startOverFromLog()) == true { return }
        }
    }

    /// Ends the taking of lines, and nothing else, until the process is started again.
    private func stopTaking(_ reason: String) async {
        if self.status.stalled(FollowStatus.Stall(reason: reason, isForGood: true)) {
            self.logger.critical(
                "following stopped until a restart; reads and listeners go on",
                metadata: ["reason": "\(reason)"]
            )
        }
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
    }

    // MARK: Sessions

    private func lost(_ reason: String) {
        guard self.status.lostContact(), self.status.maySay() else { return }
        self.logger.warning("primary not reachable", metadata: ["reason": "\(reason)"])
    }

    private func session(
        isLevel: inout Bool,
        stopsWhenLevel: Bool,
        onLevel: @Sendable () async -> Void
    ) async throws {
        let overview = try await self.meet()
        var lull = self.backoff
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
            let asked = NIODeadline.now()
            switch try await self.step() {
            case .gone: return
            case .took: lull.reset()
            case .nothing where NIODeadline.now() - asked >= Self.leastWait: lull.reset()
            // It was asked to wait until there is something, and did not.
            case .nothing: try await Task.sleep(for: lull.pause())
            }
            if self.status.goesOn() { self.logger.notice("following again: there is room") }
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
        if self.status.contact(end: overview.end, node: overview.node), self.status.maySay() {
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

    /// The outcome of asking for a part.
    private enum Step {
        case took
        case nothing
        /// The segment is not there, so that the list has to be looked at again.
        case gone
    }

    /// Fetches one part.
    private func step() async throws -> Step {
        guard let (segment, offset) = await self.intake.wanted else { return .gone }
        switch try await self.client.chunk(of: segment, from: offset) {
        case .unknownSegment:
            return .gone
        case .beyondEnd:
            try await self.intake.startOver(nil)
            return .nothing
        case .chunk(let chunk):
            self.status.contact(end: chunk.end)
            if let rest = chunk.rest { self.status.misses(bytes: rest) }
            try await self.intake.take(chunk.bytes, isEnd: chunk.isEnd)
            try await self.settle()
            let isNextSegment = await self.intake.wanted?.segment != segment
            return chunk.bytes.readableBytes > 0 || isNextSegment ? .took : .nothing
        }
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
            try await self.erasure.finish(end)
        } catch {
            await self.intake.keepErasure()
            // Going on without would keep what has to go: it is tried again before the next line, or by the next start.
            let isShortage = (error as? EventLogError)?.isShortage ?? false
            let reason = "an erasure could not be carried out: \(error)"
            throw isShortage ? FollowError.shortage(reason) : FollowError.ownLog(reason)
        }
    }

    /// Waits a little until a line is in this node's own log, and on its way to the hub; whether it is.
    private func isApplied(_ line: SequenceNumber) async -> Bool {
        await self.sequencer.local.committed.wait(for: line, timeout: .milliseconds(500))
    }

    // MARK: Proposals, to there

    private func send() async throws {
        var backoff = self.backoff
        while !Task.isCancelled {
            let rings = self.sequencer.bell.rings
            guard self.status.report.lastContact == nil else {
                if try await self.handOver() {
                    backoff.reset()
                    if self.sequencer.hasUnsent { continue }
                    await self.sequencer.bell.wait(after: rings, timeout: Self.heartbeat)
                } else {
                    // Not on the bell: a client's command is no reason to ask sooner.
                    try? await Task.sleep(for: backoff.pause())
                }
                continue
            }
            await self.sequencer.bell.wait(after: rings, timeout: Self.heartbeat)
        }
    }

    /// Tells the primary once; whether that has brought something.
    private func handOver() async throws -> Bool {
        let upload = self.sequencer.upload()
        do {
            let receipt = try await self.client.propose(upload, partSize: self.status.report.maxBodySize)
            let isProgress = try self.sequencer.received(receipt)
            self.status.contact(end: receipt.end)
            return isProgress
        } catch let error as FollowError {
            self.sequencer.lost(upload)
            guard error.mayPass else { throw error }
            self.lost("\(error)")
        } catch {
            self.sequencer.lost(upload)
            if !Task.isCancelled { self.lost("\(error)") }
        }
        return false
    }
}
