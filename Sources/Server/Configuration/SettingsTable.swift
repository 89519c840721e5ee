/// Every key there is, in the order in which files and pages show them.
///
/// To add a key: a property in ``Configuration`` and a row here. Nothing else knows the names of keys.
enum SettingsTable {
    struct Section: Sendable {
        let title: String
        let settings: [Setting]
    }

    static let sections = [
        Section(title: "Access", settings: Self.access),
        Section(title: "Network", settings: Self.network),
        Section(title: "Log of events", settings: Self.log),
        Section(title: "Lifetimes", settings: Self.lifetimes),
        Section(title: "Limits", settings: Self.limits),
        Section(title: "Diagnostics", settings: Self.diagnostics),
        Section(title: "Accepted for existing files, without effect", settings: Self.ignored),
    ]

    static let all = Self.sections.flatMap(\.settings)

    static func setting(_ key: String) -> Setting? {
        Self.byKey[key]
    }

    private static let byKey = Dictionary(uniqueKeysWithValues: Self.all.map { ($0.key, $0) })

    private static let access = [
        Setting("admin_user", \.adminUser, .nonEmptyText, "Name of the admin account."),
        Setting("admin_secret", \.adminSecret, .nonEmptySecret, "Password of the admin account."),
        Setting(
            "cookie_secret",
            \.cookieSecret,
            .secret,
            "Signs the admin cookie. Empty: a random one at every start. Fill it in to keep admins signed in across"
                + " restarts, or when several servers share one name."
        ),
        Setting(
            "secret",
            \.secret,
            .nonEmptySecret,
            "Shared with the backends, which sign their calls with it."
        ),
        Setting(
            "node_secret",
            \.nodeSecret,
            .secret,
            "Shared among the nodes of one log, which sign with it what they ask of each other; another one than `secret`. The"
                + " documented one counts only where host is this machine. Empty: no node may follow this one."
        ),
        Setting(
            "allow_default_secrets",
            \.allowDefaultSecrets,
            .boolean,
            "Start even with a documented secret on an address that other machines can reach."
        ),
        Setting(
            "allow_posting_from",
            \.allowPostingFrom,
            .addresses,
            "Addresses and networks that backend calls may come from."
        ),
        Setting(
            "allow_cors",
            \.allowCORS,
            .texts,
            "Pages that may read answers: origins such as https://app.example:8443, or hosts such as example.com with their"
                + " subdomains. Empty: all pages."
        ),
        Setting(
            "allowed_origins",
            \.allowedOrigins,
            .origins,
            "Web origins that may open a websocket, matched whole: scheme, host and port."
        ),
        Setting(
            "validate_requests",
            \.validateRequests,
            .boolean,
            "Refuse signatures that are older than 60 seconds."
        ),
        Setting(
            "enforce_https",
            \.enforceHTTPS,
            .boolean,
            "Refuse requests that did not come over https, by X-Scheme, or by X-Forwarded-Proto of trusted_proxies."
        ),
        Setting(
            "trusted_proxies",
            \.trustedProxies,
            .addresses,
            "Addresses and networks of proxies whose X-Forwarded-Proto is believed. Empty: nobody's."
        ),
        Setting(
            "http_scheme",
            \.httpScheme,
            .optionalChoice(),
            "Scheme to put into links and redirects. Empty: that of the request."
        ),
        Setting(
            "signature_checker",
            \.signatureChecker,
            .choice(),
            "How backend calls are signed. Channelstream loads a Python class here; only its default exists."
        ),
    ]

    private static let network = [
        Setting("host", \.host, .host, "Address to listen on."),
        Setting("port", \.port, .integer(0...65535), "Port to listen on; 0 takes any free one and logs it."),
        Setting("node_name", \.nodeName, .nodeName, "Name of this server in its event log."),
        Setting(
            "event_loop_threads",
            \.eventLoopThreads,
            .integer(0...256),
            "Threads that serve sockets; 0 means one for each processor that it may use."
        ),
    ]

    private static let log = [
        Setting("data_dir", \.dataDirectory, .path, "Directory of the event log; made when missing."),
        Setting(
            "durability",
            \.durability,
            .choice(),
            "When an event counts as kept. always: synced to disk before it is answered and delivered; interval: written"
                + " before, synced soon after; os: written before, synced by the system."
        ),
        Setting(
            "durability_interval",
            \.durabilityInterval,
            .duration(.milliseconds(1)...(.seconds(60)), bareUnit: .milliseconds),
            "With durability = interval, the longest time between two syncs: what a power failure can cost."
        ),
        Setting(
            "segment_size",
            \.segmentSize,
            .size((64 << 10)...(4 << 30)),
            "Uncompressed size at which a file of the log is closed and the next one begun."
        ),
        Setting(
            "public_checkpoints",
            \.publicCheckpoints,
            .boolean,
            "Let everybody have the log's signed checkpoints and the proofs that it only grew. They tell how many events"
                + " there are, and when; off: only backends, with a signature."
        ),
        Setting(
            "new_node_key",
            \.newNodeKey,
            .boolean,
            "Make a new key where node.pub is there without node.key, as in a restored backup: the log says so, the old public"
                + " key is kept as node.pub.1, and auditors have to be told. Off: such a start refuses. Without effect where"
                + " the key is there."
        ),
        Setting(
            "snapshot_interval",
            \.snapshotInterval,
            .integer(0...1_000_000_000),
            "Events after which the state is written down as a snapshot, in the background, so that the next start need not"
                + " replay them. 0: never."
        ),
        Setting(
            "retention_age",
            \.retentionAge,
            .optional(.duration(.seconds(60)...(.seconds(36600 * 86400)))),
            "Files of the log whose last event is older are dropped for good, once two snapshots stand for them. Empty:"
                + " everything is kept."
        ),
        Setting(
            "retention_size",
            \.retentionSize,
            .optional(.size((64 << 10)...(1 << 50))),
            "Size on disk beyond which the oldest files of the log are dropped for good, once two snapshots stand for them."
                + " Empty: everything is kept."
        ),
    ]

    private static let lifetimes = [
        Setting(
            "connection_timeout",
            \.connectionTimeout,
            .duration(.seconds(1)...(.seconds(86400))),
            "A connection without a sign of life for this long is forgotten."
        ),
        Setting(
            "user_timeout",
            \.userTimeout,
            .duration(.seconds(1)...(.seconds(366 * 86400))),
            "A user without connections is forgotten, with the state, after this time."
        ),
    ]

    private static let limits = [
        Setting(
            // A call is one line of the log at most, which holds 32 MiB; names take up to twice as much there.
            "max_body_size",
            \.limits.maxBodySize,
            .size((1 << 10)...(16 << 20)),
            "Largest request body (413 beyond). Calls that need no signature have 64 KiB."
        ),
        Setting(
            "max_batch",
            \.limits.maxBatch,
            .integer(1...100_000),
            "Most messages, edits or deletions in one request (422 beyond)."
        ),
        Setting(
            // jq 1.6 stops at about 200 levels, and the log must stay readable with stock tools.
            "max_json_depth",
            \.limits.maxJSONDepth,
            .integer(4...200),
            "How deeply a body's arrays and objects may nest (422 beyond)."
        ),
        Setting(
            "max_header_size",
            \.limits.maxHeaderSize,
            .size((1 << 10)...(1 << 20)),
            "Largest block of request headers (431 beyond)."
        ),
        Setting(
            "max_url_size",
            \.limits.maxURLSize,
            .size(256...(1 << 20)),
            "Longest request target (414 beyond)."
        ),
        Setting(
            "max_connections",
            \.limits.maxConnections,
            .integer(1...10_000_000),
            "Most sockets open at once; further ones are answered 503 and closed. The system's own limit (ulimit -n) counts too."
        ),
        Setting(
            "max_frame_size",
            \.limits.maxFrameSize,
            .size(125...(1 << 30)),
            "Largest websocket message from a client (close code 1009 beyond). Nothing of it is used or kept: the limit is"
                + " for messages that never end."
        ),
        Setting(
            "max_unsent_answers",
            \.limits.maxUnsentAnswers,
            .size((1 << 20)...(1 << 40)),
            "Answers above 64 KiB that clients have not taken yet, all of them together; further ones are 503. One is given"
                + " however large it is."
        ),
        Setting(
            "send_buffer_size",
            \.limits.sendBufferSize,
            .size((4 << 10)...(4 << 20)),
            "The system's send buffer of each socket. What a client that does not read can make it hold."
        ),
    ]

    private static let diagnostics = [
        Setting(
            "debug",
            \.debug,
            .boolean,
            "Open /ws-echo, an endpoint for websocket conformance tests. Not for production."
        ),
        Setting("log_level", \.logLevel, .logLevel, "Least level of the messages that are logged."),
    ]

    private static let ignored = [
        Setting(ignored: "demo", default: "false", "Channelstream had a demo application once."),
        Setting(ignored: "demo_app_url", default: "", "Where that demo was, for releases that linked to it."),
        Setting(
            ignored: "gc_conns_after",
            default: "30",
            "Channelstream does not read it either; see connection_timeout."
        ),
        Setting(
            ignored: "gc_channels_after",
            default: "259200",
            "Channels stay; Channelstream does not read it either."
        ),
        Setting(
            ignored: "wake_connections_after",
            default: "5",
            "Long polls wait 5 seconds; Channelstream does not read it either."
        ),
    ]
}
