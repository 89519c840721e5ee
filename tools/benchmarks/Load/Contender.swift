import Foundation

/// A server that takes part: how it is started, and how `fanload` speaks to it.
struct Contender: Hashable, Sendable {
    /// Column of the tables, and name in the results.
    let name: String
    let kind: Kind

    enum Kind: Hashable, Sendable {
        /// The yardstick, with these options.
        case limit([String])
        case channelstream(durability: String)
        case nats
    }

    static let limit = Contender(name: "limit", kind: .limit([]))
    static let limitCoalescing = Contender(name: "limit --coalesce", kind: .limit(["--coalesce"]))
    static let limitLogging = Contender(name: "limit --log --nosync", kind: .limit(["--log", "FILE", "--nosync"]))
    static let always = Contender(name: "ours, always", kind: .channelstream(durability: "always"))
    static let os = Contender(name: "ours, os", kind: .channelstream(durability: "os"))
    static let nats = Contender(name: "NATS", kind: .nats)

    var isOurs: Bool { if case .channelstream = self.kind { true } else { false } }

    /// Whether what it needs is installed.
    var isInstalled: Bool {
        switch self.kind {
        case .limit, .channelstream: true
        case .nats: Programs.isInstalled("nats-server")
        }
    }
}

/// A contender that runs.
final class RunningServer {
    let contender: Contender
    private let process: ChildProcess
    private let folder: URL
    private let port: UInt16
    /// NATS takes websockets and its own protocol on two ports.
    private let publishPort: UInt16

    struct NotReady: Error, CustomStringConvertible {
        var name: String
        var talk: String
        var description: String { "\(self.name) did not come up: \(self.talk.suffix(600))" }
    }

    /// Starts it on a free port, and returns when it takes connections.
    init(_ contender: Contender, _ programs: Programs, _ placement: Placement, environment: [String: String] = [:])
        throws
    {
        self.contender = contender
        self.folder = try Scratch.folder("server")
        self.port = try LocalPort.free()
        self.publishPort = contender.kind == .nats ? try LocalPort.free() : self.port
        let words = try Self.words(contender.kind, programs, self.folder, self.port, self.publishPort)
        self.process = try ChildProcess(placement.server + words, environment: environment)
        for _ in 0..<300 where self.process.isRunning {
            if LocalPort.accepts(self.port) { return }
            usleep(50_000)
        }
        throw NotReady(name: contender.name, talk: self.process.talk)
    }

    deinit {
        self.process.stop()
        try? FileManager.default.removeItem(at: self.folder)
    }

    var id: Int32 { self.process.id }
    /// Where its log is, if it is ours.
    var dataDirectory: URL { self.folder.appendingPathComponent("data") }

    /// Ends it in good order, and keeps its folder until this object goes.
    func stop() { self.process.stop() }

    /// The words for `fanload` that say what it talks to.
    var fanloadWords: [String] {
        var words = ["--target", "127.0.0.1:\(self.port)", "--pid", "\(self.id)"]
        switch self.contender.kind {
        case .limit: words += ["--profile", "nchan"]
        case .channelstream: words += ["--profile", "channelstream", "--secret", "secret"]
        case .nats: words += ["--profile", "nats", "--pub-target", "127.0.0.1:\(self.publishPort)"]
        }
        return words
    }

    private static func words(
        _ kind: Contender.Kind,
        _ programs: Programs,
        _ folder: URL,
        _ port: UInt16,
        _ publishPort: UInt16
    ) throws -> [String] {
        switch kind {
        case .limit(let options):
            let file = folder.appendingPathComponent("limit.log").path
            return [programs.limit.path, "\(port)"] + options.map { $0 == "FILE" ? file : $0 }
        case .channelstream(let durability):
            return [
                programs.channelstream.path, "serve", "--port", "\(port)", "--secret", "secret",
                "--data-dir", folder.appendingPathComponent("data").path, "--durability", durability,
                "--event-loop-threads", "1", "--max-connections", "200000",
            ]
        case .nats:
            let file = folder.appendingPathComponent("nats.conf")
            let text = """
                host: 127.0.0.1
                port: \(publishPort)
                websocket { host: 127.0.0.1, port: \(port), no_tls: true }
                max_connections: 200000

                """
            try Data(text.utf8).write(to: file)
            return ["nats-server", "-c", file.path]
        }
    }
}
