import EventLog
package import LogValues
package import Logging
package import SystemPackage

/// Makes a follower's data directory one that decides for itself.
///
/// The log stays as it is: the next start writes `node.started` with a new epoch, and checkpoints are signed with this
/// node's own key from then on.
package enum Promotion {
    /// The facts that an operator needs afterwards.
    package struct Report: Sendable {
        package let logID: String
        package let end: UInt64
        package let root: Hash256
        package let followed: String
        /// The key that will sign here, to be handed to followers and auditors.
        package let key: String
        /// Keys that signed before.
        package let earlierKeys: [String]
        /// The size of a checkpoint that was seen and that this log does not reach; nil if it has all that was seen.
        package let missingUpTo: UInt64?

        package var text: String {
            let earlier = self.earlierKeys.map { "  signed before by  \($0)\n" }.joined()
            return """
                promoted: `channelstream serve` goes on with this log from line \(self.end)
                  log               \(self.logID)
                  root              \(self.root)
                  followed          \(self.followed)
                \(earlier)  signs from now on \(self.key)
                """
        }
    }

    /// Promotes a stopped follower.
    ///
    /// - Throws: ``PromotionError``, and ``EventLogError/locked(_:)`` while the follower runs.
    package static func run(_ settings: FollowSettings) throws -> Report {
        let directory = settings.directory
        guard let record = try FollowRecord.read(in: directory) else {
            throw PromotionError.notAFollower("\(directory)")
        }
        guard try record.beginning == nil && !SegmentCatalog(directory).segments.isEmpty else {
            throw PromotionError.noLog("\(directory)")
        }
        let (log, found) = try self.open(settings)
        defer { log.close() }
        let check = try HistoryCheck(logID: found.logID, tree: found.frontier, keys: record.verifierKeys())
        let seen = try record.checkpoint.map { try check.seeing(note: Array($0.utf8)) } ?? check
        var generator = SystemRandomNumberGenerator()
        let key = try NodeKeyFile(in: directory)
            .loadOrCreate(
                origin: "channelstream/\(found.logID)",
                replacingLost: settings.replacesLostKey,
                generator: &generator
            )
        let seenSize = seen.seen?.size ?? 0
        // A follower of an earlier release left no word of what it dropped.
        if try DropNote.read(in: directory) == nil { try DropNote.ofFollowed(directory)?.write(in: directory) }
        try ShippedSegment.removeTransfer(in: directory)
        try FollowRecord.retire(in: directory)
        return Report(
            logID: found.logID,
            end: found.frontier.size,
            root: found.frontier.root,
            followed: record.url,
            key: key.verifierKey.text,
            earlierKeys: record.keys,
            missingUpTo: seenSize > found.frontier.size ? seenSize : nil
        )
    }

    /// Promotes a follower whose server has stopped for that, and says so in its log.
    package static func run(_ settings: FollowSettings, whileServing logger: Logger) throws {
        let report = try self.run(settings)
        logger.notice(
            "promoted: this node decides from now on",
            metadata: [
                "end": "\(report.end)", "root": "\(report.root)", "followed": "\(report.followed)",
                "key": "\(report.key)", "missing_up_to": "\(report.missingUpTo.map(String.init) ?? "")",
            ]
        )
    }

    /// A node that was promoted must not go back to following the one that it was promoted over, as it would when its
    /// service is started with the old words.
    static func checkFollows(_ url: String, in directory: FilePath) throws {
        guard try FollowRecord.read(in: directory) == nil,
            try FollowRecord.read(in: directory, named: FollowRecord.promotedFileName)?.url == url
        else { return }
        throw PromotionError.promoted("\(directory)", over: url)
    }

    /// At the node's own durability, which decides what a crash may have left; what it left of the hashes is looked at by the
    /// next start, which finds a log that was closed cleanly.
    private static func open(_ settings: FollowSettings) throws -> (EventLog, RecoveryReport) {
        do {
            let (log, found) = try EventLog.open(settings.directory, configuration: settings.log)
            if !found.wasClosedCleanly { try? LeafAudit(settings.directory).begin() }
            return (log, found)
        } catch EventLogError.locked {
            throw PromotionError.running("\(settings.directory)")
        }
    }

    /// A follower's directory must not be served by mistake: two nodes would decide one log.
    package static func checkServes(_ directory: FilePath) throws {
        guard let record = try FollowRecord.read(in: directory) else { return }
        throw PromotionError.follows("\(directory)", url: record.url)
    }
}

package enum PromotionError: Error, CustomStringConvertible {
    case notAFollower(String)
    case noLog(String)
    case running(String)
    case promoted(String, over: String)
    case follows(String, url: String)

    package var description: String {
        switch self {
        case .notAFollower(let directory):
            "\(directory) is not a follower's data directory; there is nothing to promote"
        case .noLog(let directory):
            "\(directory) holds no whole log yet; let it follow first"
        case .running(let directory):
            "a follower is running on \(directory): stop it first (SIGTERM) and promote it then, or call POST "
                + "\(NodeAPI.promote)"
        case .promoted(let directory, let url):
            "\(directory) was promoted over \(url): run `channelstream serve`; if it is to follow that node again, remove "
                + "the file \(FollowRecord.promotedFileName) first"
        case .follows(let directory, let url):
            "\(directory) follows \(url); run `channelstream follow`, or `channelstream promote` to let it decide for "
                + "itself once its primary is gone for good"
        }
    }
}

extension HistoryCheck {
    fileprivate func seeing(note: [UInt8]) throws(FollowError) -> HistoryCheck {
        var copy = self
        _ = try copy.see(note: note)
        return copy
    }
}
