import NIOCore

/// By when a connection has to have moved on: a value that is told what happens and says when patience ends.
struct HTTPDeadline {
    enum Expectation: Equatable {
        /// The first byte of a request.
        case request
        case headEnd
        case bodyEnd
        /// That somebody here answers, and that the client takes the answer.
        case answer
        /// That the client closes.
        case end
    }

    private let settings: HTTPConnectionSettings
    private var expectation = Expectation.request
    /// Since when it is expected.
    private var since: NIODeadline
    private var lastBytes: NIODeadline
    private var isFirstRequest = true
    private var bodySize = 0
    private var unwritableSince: NIODeadline?

    init(settings: HTTPConnectionSettings, now: NIODeadline) {
        self.settings = settings
        self.since = now
        self.lastBytes = now
    }

    /// Nil: it may take forever.
    var due: NIODeadline? {
        switch self.expectation {
        case .request:
            self.since + (self.isFirstRequest ? self.settings.headTimeout : self.settings.keepAliveTimeout)
        case .headEnd:
            self.since + self.settings.headTimeout
        case .bodyEnd:
            min(self.lastBytes + self.settings.bodyTimeout, self.since + self.bodyTime)
        case .answer:
            self.unwritableSince.map { $0 + self.settings.writeTimeout }
        case .end:
            // As long as a body comes that nobody reads, its sender may not have seen the answer yet.
            min(self.lastBytes + self.settings.lingerTimeout, self.since + self.settings.bodyGrace)
        }
    }

    /// Grows with what has come, so that a client that drips bytes does not stay forever.
    private var bodyTime: TimeAmount {
        self.settings.bodyGrace + .milliseconds(Int64(self.bodySize) * 1000 / Int64(max(1, self.settings.bodyRate)))
    }

    mutating func bytesCame(_ count: Int, now: NIODeadline) {
        self.lastBytes = now
        if self.expectation == .bodyEnd { self.bodySize += count }
    }

    mutating func expect(_ expectation: Expectation) {
        guard self.expectation != expectation else { return }
        // The head of a connection's first request has no longer than the connection had for its first byte.
        if !(expectation == .headEnd && self.isFirstRequest) { self.since = self.lastBytes }
        if expectation == .bodyEnd { self.bodySize = 0 }
        if expectation == .answer { self.isFirstRequest = false }
        self.expectation = expectation
    }

    mutating func nextRequest(now: NIODeadline) {
        self.isFirstRequest = false
        self.expectation = .request
        self.since = now
        self.lastBytes = now
    }

    mutating func lingers(now: NIODeadline) {
        self.expectation = .end
        self.since = now
        self.lastBytes = now
    }

    mutating func writabilityChanged(_ isWritable: Bool, now: NIODeadline) {
        self.unwritableSince = isWritable ? nil : now
    }
}
