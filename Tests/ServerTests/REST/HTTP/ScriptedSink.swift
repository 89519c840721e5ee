import Projections
import Synchronization

@testable import Hub

/// A hub that answers as it is told, and keeps what it was asked.
final class ScriptedSink: CommandSink {
    private let answer: @Sendable (HubRequest) -> Reply
    private let asked = Mutex<[HubRequest]>([])

    init(_ answer: @escaping @Sendable (HubRequest) -> Reply = { _ in .json(Array("{}".utf8)) }) {
        self.answer = answer
    }

    var requests: [HubRequest] { self.asked.withLock { $0 } }

    func hand(_ request: HubRequest, reply: @escaping @Sendable (Reply) -> Void) {
        self.asked.withLock { $0.append(request) }
        reply(self.answer(request))
    }
}
