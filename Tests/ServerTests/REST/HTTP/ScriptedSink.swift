import Projections
import Synchronization

@testable import Hub

/// A hub that answers as it is told, and keeps what it was asked.
final class ScriptedSink: CommandSink {
    private let answer: @Sendable (Command) -> Reply
    private let asked = Mutex<[Command]>([])

    init(_ answer: @escaping @Sendable (Command) -> Reply = { _ in .json(Array("{}".utf8)) }) {
        self.answer = answer
    }

    var commands: [Command] { self.asked.withLock { $0 } }

    func submit(_ command: Command, reply: @escaping @Sendable (Reply) -> Void) {
        self.asked.withLock { $0.append(command) }
        reply(self.answer(command))
    }
}
