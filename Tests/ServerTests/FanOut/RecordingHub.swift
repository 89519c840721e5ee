import LogValues
import Projections
import Synchronization

@testable import Hub

/// Takes requests and answers them when the test says so.
final class RecordingHub: CommandSink {
    private struct State {
        var requests: [HubRequest] = []
        var attachments: [(ticket: AttachmentTicket, reply: @Sendable (Reply) -> Void)] = []
        var parts: [(request: Question.MissedRequest, reply: @Sendable (Reply) -> Void)] = []
    }

    private let state = Mutex(State())

    func hand(_ request: HubRequest, reply: @escaping @Sendable (Reply) -> Void) {
        self.state.withLock { state in
            state.requests.append(request)
            if case .command(.attach(_, _, let ticket)) = request { state.attachments.append((ticket, reply)) }
            if case .question(.missedPart(let part)) = request { state.parts.append((part, reply)) }
        }
    }

    /// The newest request for a connection.
    var lastTicket: AttachmentTicket? { self.state.withLock { $0.attachments.last?.ticket } }

    func answerAttachments(_ reply: Reply) {
        let waiting = self.state.withLock { state in
            defer { state.attachments = [] }
            return state.attachments
        }
        for (_, answer) in waiting { answer(reply) }
    }

    /// What is asked for of the time before a listener came, and not answered yet.
    var wantedPart: Question.MissedRequest? { self.state.withLock { $0.parts.first?.request } }

    func answerPart(_ reply: Reply) {
        let waiting = self.state.withLock { $0.parts.isEmpty ? nil : $0.parts.removeFirst() }
        waiting?.reply(reply)
    }

    /// The connections whose listeners were said to have said goodbye.
    var closedListeners: [ConnectionID] {
        self.requests.compactMap {
            if case .notice(.listenerClosed(let connection, _)) = $0 { connection } else { nil }
        }
    }

    /// The connections whose listeners were said to be gone without a goodbye.
    var lostListeners: [ConnectionID] {
        self.requests.compactMap {
            if case .notice(.listenerLost(let connection, _, _)) = $0 { connection } else { nil }
        }
    }

    /// How often a listener was said to have what it had missed.
    var caughtUpCount: Int {
        self.requests.filter { if case .notice(.caughtUp) = $0 { true } else { false } }.count
    }

    /// How far the last of them surely got.
    var lastSeen: SequenceNumber? {
        self.requests.reversed().lazy.compactMap {
            if case .notice(.listenerLost(_, _, let seen)) = $0 { seen } else { nil }
        }.first
    }

    var signsOfLife: Int {
        self.requests.filter { if case .notice(.signOfLife) = $0 { true } else { false } }.count
    }

    var attachCount: Int {
        self.requests.filter { if case .command(.attach) = $0 { true } else { false } }.count
    }

    private var requests: [HubRequest] { self.state.withLock { $0.requests } }
}
