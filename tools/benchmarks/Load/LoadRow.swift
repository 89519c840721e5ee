/// One row of the comparison: a load, who bears it, and what is looked at.
struct LoadRow: Sendable {
    /// Name in the results and on the command line.
    let name: String
    let title: String
    let figure: Figure
    /// In the order in which they take turns; those that are not installed are left out.
    let contenders: [Contender]
    /// What the ratio is over.
    let baseline: Contender?
    /// Whose figure is ours.
    let subject: Contender
    let goal: Goal?
    /// Other servers' figures on the same kind of machine, measured once; for orientation only.
    let recorded: String
    /// Words for `fanload`, without the server.
    let words: @Sendable (Effort, Contender) -> [String]
    /// Repeats of one run take turns between the contenders.
    var repeats: @Sendable (Effort) -> Int = { $0 == .quick ? 1 : 3 }
    /// Past this a run of `fanload` is ended.
    var timeLimit: Duration = .seconds(60)
    var isInQuickRun = true
    /// What holds of the comparison: `limit` keeps no log.
    var remark = ""
    /// Other figures of ours that say what the row's own leaves open.
    var besides: [Beside] = []

    /// How much time there is.
    enum Effort: Sendable {
        /// All rows in under two minutes.
        case quick
        case full

        var seconds: String { self == .quick ? "2" : "4" }
    }

    /// Which figure of `fanload` counts.
    struct Figure: Sendable {
        /// As in ``FanloadReport``.
        let path: String
        let unit: Unit
        let better: Better

        init(_ path: String, _ unit: Unit, _ better: Better) {
            self.path = path
            self.unit = unit
            self.better = better
        }
    }

    struct Beside: Sendable {
        /// With its article: `CPU per message`.
        let name: String
        let figure: Figure
        var divisor = 1.0
    }

    enum Goal: Sendable {
        /// At most so many times the baseline's figure.
        case ratio(Double)
        case atMost(Double)
        case atLeast(Double)
    }
}

extension LoadRow {
    /// The rows in the order of the document.
    static let all: [LoadRow] = [
        .delivery, .sustained, .publish, .publishSixtyFour, .batch, .bulk, .wide, .idle, .storm,
    ]

    private static let cpuPerDelivery = Figure("publish.server_cpu_us_per_delivery", .microseconds, .lower)
    private static let cpuPerCall = Figure("publish.server_cpu_us_per_call", .microseconds, .lower)

    static let delivery = LoadRow(
        name: "delivery",
        title: "1 channel x 1,000 listeners, 40 calls/s: CPU per delivery",
        figure: cpuPerDelivery,
        contenders: [.limit, .os, .always, .nats],
        baseline: .limit,
        subject: .always,
        goal: .ratio(1.15),
        recorded: "uWebSockets 4.2, nchan 6.5, Node ws 8.5, Centrifuge 10.5, NATS 11.0, Channelstream 37-65",
        words: { effort, _ in
            ["--subs", "1000", "--pubs", "4", "--rate", "40", "--warmup", "1", "--duration", effort.seconds]
        }
    )

    static let sustained = LoadRow(
        name: "sustained",
        title: "1 channel x 1,000 listeners: highest sustained deliveries/s, p99 under 250 ms",
        figure: Figure("max_delivered_per_s", .perSecond, .higher),
        contenders: [.limit, .limitCoalescing, .os, .nats],
        baseline: .limit,
        subject: .os,
        goal: .atLeast(2_000_000),
        recorded: "uWebSockets 1.7 M (corked), Centrifuge 0.31 M, nchan 0.27 M, NATS 0.23 M, Node ws 0.15 M, "
            + "Channelstream 0.025 M",
        words: { _, contender in
            let start = contender == .limitCoalescing ? "1000" : "100"
            return [
                "--subs", "1000", "--pubs", "64", "--find-max", "\(start):20000", "--duration", "2", "--warmup", "0.5",
                "--max-tol", "0.15", "--drain", "5",
            ]
        },
        repeats: { _ in 1 },
        timeLimit: .seconds(150),
        isInQuickRun: false,
        besides: [
            Beside(name: "CPU per delivery", figure: Figure("best.server_cpu_us_per_delivery", .microseconds, .lower))
        ]
    )

    static let publish = LoadRow(
        name: "publish",
        title: "1,000 channels x 2 listeners, 16 publishers, one message a call: CPU per call",
        figure: cpuPerCall,
        contenders: [.limit, .limitLogging, .os, .nats],
        baseline: .limit,
        subject: .os,
        // 25 µs, where `limit` took 20.6.
        goal: .ratio(25 / 20.6),
        recorded: "uWebSockets 19.3, nchan 30.7, NATS 37.8, Node ws 39.6, Centrifuge 44.8, Channelstream 640-1,240",
        words: { effort, _ in
            ["--subs", "2000", "--channels", "1000", "--pubs", "16", "--warmup", "1", "--duration", effort.seconds]
        },
        remark: "ours: log included, durability `os`"
    )

    static let publishSixtyFour = LoadRow(
        name: "publish-64",
        title: "the same, 64 publishers, durability `always` beside `os`: CPU per call",
        figure: cpuPerCall,
        contenders: [.limit, .os, .always],
        baseline: .os,
        subject: .always,
        goal: .ratio(1.25),
        recorded: "",
        words: { effort, _ in
            ["--subs", "2000", "--channels", "1000", "--pubs", "64", "--warmup", "1", "--duration", effort.seconds]
        },
        remark: "ratio of `always` to `os`"
    )

    static let batch = LoadRow(
        name: "batch",
        title: "the same channels, 100 messages a call: messages/s in the log",
        figure: Figure("publish.msgs_per_s", .perSecond, .higher),
        contenders: [.os],
        baseline: nil,
        subject: .os,
        goal: .atLeast(150_000),
        recorded: "Channelstream 5,900",
        words: { effort, _ in
            [
                "--subs", "2000", "--channels", "1000", "--pubs", "4", "--batch", "100", "--warmup", "1", "--duration",
                effort.seconds,
            ]
        },
        besides: [Beside(name: "CPU per message", figure: cpuPerCall, divisor: 100)]
    )

    static let bulk = LoadRow(
        name: "bulk",
        title: "bulk NDJSON, 1,000 messages a call: messages/s in the log",
        figure: Figure("publish.msgs_per_s", .perSecond, .higher),
        contenders: [.os],
        baseline: nil,
        subject: .os,
        goal: .atLeast(400_000),
        recorded: "",
        // `fanload` joins its items with commas: each item is the end of one line and the beginning of the next, and
        // one message more a call, to a channel of nobody, ends the last.
        words: { effort, _ in
            [
                "--subs", "0", "--channels", "1000", "--pubs", "4", "--batch", "1000", "--warmup", "1", "--duration",
                effort.seconds, "--content-type", "application/x-ndjson",
                "--pub-pre", #"{"user":"pub","#,
                "--pub-item", #""channel":"{channel}","message":{"text":"{payload}"}}\#n{"user":"pub""#,
                "--pub-post", #","channel":"nobody","message":{"text":"end"}}\#n"#,
            ]
        },
        remark: "nobody listens",
        besides: [Beside(name: "CPU per message", figure: cpuPerCall, divisor: 1_000)]
    )

    static let wide = LoadRow(
        name: "wide",
        title: "1 channel x 10,000 listeners, 4 calls/s: complete fan-out, p99",
        figure: Figure("publish.complete_fanout_ms.p99", .milliseconds, .lower),
        contenders: [.limit, .os, .nats],
        baseline: .limit,
        subject: .os,
        goal: .atMost(95),
        recorded: "uWebSockets 100 ms, nchan 105, Node ws 121, Centrifuge 142, NATS 161, Channelstream 351",
        words: { effort, _ in
            ["--subs", "10000", "--pubs", "4", "--rate", "4", "--warmup", "1", "--duration", effort.seconds]
        },
        besides: [Beside(name: "CPU per delivery", figure: cpuPerDelivery)]
    )

    static let idle = LoadRow(
        name: "idle",
        title: "10,000 idle connections: memory per connection",
        figure: Figure("idle.rss_bytes_per_connection", .bytes, .lower),
        contenders: [.limit, .os, .nats],
        baseline: nil,
        subject: .os,
        goal: .atMost(4096),
        recorded: "limit 0.1 KB, uWebSockets 0.7, Node ws 7, nchan 10.4, Centrifuge 25, Channelstream 41, NATS 50",
        words: { effort, _ in ["--subs", "10000", "--no-publish", "--idle", effort == .quick ? "1" : "5"] },
        // Only the first connections of a process are made in memory that it did not have.
        repeats: { _ in 1 },
        remark: "resident set; the kernel's socket buffers are not in it"
    )

    static let storm = LoadRow(
        name: "storm",
        title: "connect storm, 5,000 clients: CPU per client",
        figure: Figure("connect.server_cpu_us_per_connect", .microseconds, .lower),
        contenders: [.limit, .os, .always, .nats],
        baseline: .limit,
        subject: .always,
        goal: .atMost(120),
        recorded: "uWebSockets 25, nchan 25, Node ws 87, Centrifuge 93, NATS 111, Channelstream 1,054",
        words: { _, _ in ["--subs", "5000", "--no-publish", "--connect-conc", "128", "--settle", "0"] },
        remark: "ours: a REST call and a websocket; `limit`: a websocket only"
    )
}
