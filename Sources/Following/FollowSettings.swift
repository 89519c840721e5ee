package import EventLog
package import SystemPackage
package import Web

/// The configuration of a node that follows another, or did, as far as that needs it.
package struct FollowSettings: Sendable {
    /// Its data directory.
    package let directory: FilePath
    package let nodeName: String
    /// By which nodes of one log know each other.
    package let nodeSecret: Secret
    /// How its log is opened.
    package let log: EventLogConfiguration
    /// Whether a new key may take the place of a lost one.
    package let replacesLostKey: Bool

    package init(
        directory: FilePath,
        nodeName: String,
        nodeSecret: Secret,
        log: EventLogConfiguration,
        replacesLostKey: Bool
    ) {
        self.directory = directory
        self.nodeName = nodeName
        self.nodeSecret = nodeSecret
        self.log = log
        self.replacesLostKey = replacesLostKey
    }
}
