import Projections
import Synchronization

@testable import Server

/// Takes commands and answers them when the test says so.
final class RecordingHub: CommandSink {
    private struct State {
        var commands: [Command] = []
        var attachments: [(ticket: AttachmentTicket, reply: @Sendable (Reply) -> Void)] = []
    }

    private let state = Mutex(State())

    func submit(_ command: Command, reply: @escaping @Sendable (Reply) -> Void) {
        self.state.withLock { state in
            state.commands.append(command)
            if case .attach(_, _, let ticket) = command { state.attachments.append((ticket, reply)) }
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

    /// The connections whose listeners were said to be gone.
    var closedListeners: [ConnectionID] {
        self.commands.compactMap { if case .listenerClosed(let connection, _) = $0 { connection } else { nil } }
    }

    var signsOfLife: Int {
        self.commands.filter { if case .signOfLife = $0 { true } else { false } }.count
    }

    var attachCount: Int {
        self.commands.filter { if case .attach = $0 { true } else { false } }.count
    }

    private var commands: [Command] { self.state.withLock { $0.commands } }
}
