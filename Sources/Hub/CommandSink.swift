/// Where commands, questions and notices go, in the order in which they are handed in: the hub, or a stand-in for it in tests.
package protocol CommandSink: Sendable {
    /// Hands one in from any thread; `reply` is called exactly once, on the hub's executor, and never for a notice.
    func hand(_ request: HubRequest, reply: @escaping @Sendable (Reply) -> Void)
}

package enum HubRequest: Sendable {
    case command(Command)
    case question(Question)
    case notice(Notice)
}

extension CommandSink {
    package func submit(_ command: Command, reply: @escaping @Sendable (Reply) -> Void) {
        self.hand(.command(command), reply: reply)
    }

    package func submit(_ command: Command) async -> Reply {
        await withCheckedContinuation { continuation in
            self.hand(.command(command)) { continuation.resume(returning: $0) }
        }
    }

    package func ask(_ question: Question, reply: @escaping @Sendable (Reply) -> Void) {
        self.hand(.question(question), reply: reply)
    }

    package func ask(_ question: Question) async -> Reply {
        await withCheckedContinuation { continuation in
            self.hand(.question(question)) { continuation.resume(returning: $0) }
        }
    }

    package func tell(_ notice: Notice) {
        self.hand(.notice(notice)) { _ in }
    }
}
