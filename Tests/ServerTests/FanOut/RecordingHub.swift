import LogValues
import Projections
import Synchronization

@testable import Hub

/// Takes commands and answers them when the test says so.
final class RecordingHub: CommandSink {
    private struct State {
        var commands: [Command] = []
        var attachments: [(ticket: AttachmentTicket, reply: @Sendable (Reply) -> Void)] = []
        var parts: [(request: Command.MissedRequest, reply: @Sendable (Reply) -> Void)] = []
    }

    private let state = Mutex(State())

    func submit(_ command: Command, reply: @escaping @Sendable (Reply) -> Void) {
        self.state.withLock { state in
            state.commands.append(command)
            if case .attach(_, _, let ticket) = command { state.attachments.append((ticket, reply)) }
            if case .missedPart(let request) = command { state.parts.append((request, reply)) }
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
    var wantedPart: Command.MissedRequest? { self.state.withLock { $0.parts.first?.request } }

    func answerPart(_ reply: Reply) {
        let waiting = self.state.withLock { $0.parts.isEmpty ? nil : $0.parts.removeFirst() }
        waiting?.reply(reply)
    }

    /// The connections whose listeners were said to have said goodbye.
    var closedListeners: [ConnectionID] {
        self.commands.compactMap { if case .listenerClosed(let connection, _) = $0 { connection } else { nil } }
    }

    /// The connections whose listeners were said to be gone without a goodbye.
    var lostListeners: [ConnectionID] {
        self.commands.compactMap { if case .listenerLost(let connection, _, _) = $0 { connection } else { nil } }
    }

    /// How often a listener was said to have what it had missed.
    var caughtUpCount: Int {
        self.commands.filter { if case .caughtUp = $0 { true } else { false } }.count
    }

    /// How far the last of them surely got.
    var lastSeen: SequenceNumber? {
        self.commands.reversed().lazy.compactMap {
            if case .listenerLost(_, _, let seen) = $0 { seen } else { nil }
        }.first
    }

    var signsOfLife: Int {
        self.commands.filter { if case .signOfLife = $0 { true } else { false } }.count
    }

    var attachCount: Int {
        self.commands.filter { if case .attach = $0 { true } else { false } }.count
    }

    private var commands: [Command] { self.state.withLock { $0.commands } }
}
