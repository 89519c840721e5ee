package import Following
package import Logging
package import Web

/// Everything that an operator can set, with its default.
///
/// A plain value: read once at start by ``ConfigurationLoader``, handed down to the parts, never changed. Each
/// property has one row in ``SettingsTable``, which gives its name, its meaning and what is allowed; the INI file, the
/// environment, the command line, `make-config` and the table in `docs/operations.md` follow from that row.
package struct Configuration: Sendable, Equatable {
    // Access, with the names and meanings of Channelstream 0.7.1.
    package var adminUser = "admin"
    package var adminSecret = Configuration.defaultAdminSecret
    /// Signs the admin cookie; empty means a random one, drawn at start.
    package var cookieSecret: Secret = ""
    package var secret = Configuration.defaultSecret
    /// Signs what nodes of one log ask of each other; empty: no node may come.
    package var nodeSecret = Configuration.defaultNodeSecret
    /// Addresses and networks (`10.0.0.0/8`) that backend calls may come from; `0.0.0.0` stands for every address.
    package var allowPostingFrom = ["127.0.0.1"]
    /// Origins, or hosts with their subdomains, whose pages may read answers; empty means every page.
    package var allowCORS: [String] = []
    /// Origins that may open a websocket; by default, all.
    package var allowedOrigins = AllowedOrigins.any
    /// Whether the age of a signature counts (60 seconds).
    package var validateRequests = true
    package var enforceHTTPS = false
    /// Addresses and networks of proxies whose `X-Forwarded-Proto` is believed.
    package var trustedProxies = ["127.0.0.1"]
    /// The scheme to put into links, whatever the request says.
    package var httpScheme: HTTPScheme?
    package var allowDefaultSecrets = false
    package var signatureChecker = SignatureChecker.timestamp

    // Network.
    package var host = "127.0.0.1"
    /// 0 lets the system choose a free port.
    package var port = 8000
    package var nodeName = "node-1"
    /// 0 means one for each processor that it may use.
    package var eventLoopThreads = 0

    // Log of events.
    package var dataDirectory = "data/hub"
    package var durability = DurabilityLevel.always
    /// The longest time that a written event may stay unsynced at durability `interval`.
    package var durabilityInterval = Duration.milliseconds(100)
    /// Whether a new key may be made where only the public half of the last one is left.
    package var newNodeKey = false
    /// Uncompressed size at which a segment is closed, in bytes.
    package var segmentSize = 64 << 20
    /// Whether everybody may have the log's checkpoints and the proofs that connect them.
    package var publicCheckpoints = false
    /// Events after which the state is written down, so that the next start need not replay them; 0: never.
    package var snapshotInterval = 1_000_000
    /// Segments whose last event is older are dropped; nil: none.
    package var retentionAge: Duration?
    /// Bytes on disk beyond which the oldest segments are dropped; nil: none.
    package var retentionSize: Int?

    // Lifetimes.
    package var connectionTimeout = Duration.seconds(15)
    package var userTimeout = Duration.seconds(24 * 3600)

    package var limits = Limits()

    // Diagnostics.
    package var debug = false
    package var logLevel = Logger.Level.info

    /// The node that this one follows; nil on a node that decides for itself.
    package var following: FollowedPrimary?

    /// The notices for the operator at the start, in the order found.
    package internal(set) var notices: [ConfigurationNotice] = []

    package init() {}

    /// The secrets that stand in every copy of the documentation, and so protect nothing.
    package static let defaultSecret: Secret = "secret"
    package static let defaultAdminSecret: Secret = "admin_secret"
    package static let defaultNodeSecret: Secret = "node_secret"
}

extension Configuration {
    /// Bounds on what one client can make the server hold.
    package struct Limits: Sendable, Equatable {
        /// The largest request body, in bytes (413 beyond).
        package var maxBodySize = 8 << 20
        /// The most items in one list of messages, edits or deletions (422 beyond).
        package var maxBatch = 10_000
        /// How deeply arrays and objects may nest in a body.
        package var maxJSONDepth = 64
        /// The largest block of request headers, in bytes (431 beyond).
        package var maxHeaderSize = 32 << 10
        /// The longest request target, in bytes (414 beyond).
        package var maxURLSize = 8 << 10
        /// The most sockets open at once, of all kinds.
        package var maxConnections = 100_000
        /// The largest websocket message that a client may send, in bytes (1009 beyond).
        package var maxFrameSize = 16 << 20
        /// Bytes of large answers that clients have not taken yet, over all connections (503 beyond).
        package var maxUnsentAnswers = 128 << 20
        /// The kernel's send buffer of one socket, in bytes (`SO_SNDBUF`).
        package var sendBufferSize = 48 << 10

        package init() {}
    }

    /// When an event counts as kept; see `docs/operations.md`, "Durability".
    package enum DurabilityLevel: String, Sendable, CaseIterable {
        case always
        case interval
        case os
    }

    package enum HTTPScheme: String, Sendable, CaseIterable {
        case http
        case https
    }

    /// How backend requests prove who sent them.
    ///
    /// Channelstream takes a Python class here; only its default exists.
    package enum SignatureChecker: String, Sendable, CaseIterable {
        case timestamp = "channelstream.utils.DefaultSigner"
    }
}

extension Configuration {
    /// Adds a notice, once.
    mutating func note(_ notice: ConfigurationNotice) {
        if !self.notices.contains(notice) { self.notices.append(notice) }
    }

    /// The keys whose secret still is the documented one.
    package var defaultSecretKeys: [String] {
        var keys: [String] = []
        if self.secret == Self.defaultSecret { keys.append("secret") }
        if self.adminSecret == Self.defaultAdminSecret { keys.append("admin_secret") }
        return keys
    }

    /// The secret by which other nodes are known; nil where none may come.
    ///
    /// The documented one is good for one's own machine only. Elsewhere it keeps nobody from starting, as the other two
    /// do, since a hub that no node follows needs none: it opens no door.
    package var effectiveNodeSecret: Secret? {
        guard !self.nodeSecret.isEmpty else { return nil }
        let isGood = !self.hasDefaultNodeSecret || self.listensOnLoopbackOnly || self.allowDefaultSecrets
        return isGood ? self.nodeSecret : nil
    }

    package var hasDefaultNodeSecret: Bool { self.nodeSecret == Self.defaultNodeSecret }

    /// Whether only programs on this machine can reach the server.
    package var listensOnLoopbackOnly: Bool {
        IPAddress(self.host)?.isLoopback ?? (self.host.lowercased() == "localhost")
    }
}

extension IPAddress {
    /// `127.0.0.0/8` or `::1`.
    fileprivate var isLoopback: Bool {
        self == .loopback6 || self.bits >> 24 == Self.loopback4.bits >> 24
    }
}
