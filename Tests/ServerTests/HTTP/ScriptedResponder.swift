import Synchronization

@testable import Server
@testable import Web

/// A responder that answers when the test says so, or at once.
final class ScriptedResponder: RequestResponder {
    private struct State {
        var requests: [APIRequest] = []
        var replies: [@Sendable (APIResponse) -> Void] = []
        var admission: BodyAdmission?
        var asked: [APIRequest] = []
    }

    private let state = Mutex(State())
    private let instant: APIResponse?

    /// - Parameter instant: The answer to every request, before `respond` returns.
    init(instant: APIResponse? = nil) {
        self.instant = instant
    }

    /// What is said of bodies that are not small; otherwise they are let in.
    var admission: BodyAdmission? {
        get { self.state.withLock { $0.admission } }
        set { self.state.withLock { $0.admission = newValue } }
    }

    /// The requests whose bodies were asked for.
    var asked: [APIRequest] { self.state.withLock { $0.asked } }

    func admit(_ request: APIRequest) -> BodyAdmission {
        self.state.withLock { state in
            state.asked.append(request)
            return state.admission ?? .upTo(8 << 20, .backend)
        }
    }

    func respond(to request: APIRequest, reply: @escaping @Sendable (APIResponse) -> Void) {
        if let instant = self.instant { return reply(instant) }
        self.state.withLock { state in
            state.requests.append(request)
            state.replies.append(reply)
        }
    }

    func takeRequest() -> APIRequest? {
        self.state.withLock { $0.requests.isEmpty ? nil : $0.requests.removeFirst() }
    }

    func answer(_ response: APIResponse) {
        let reply = self.state.withLock { $0.replies.isEmpty ? nil : $0.replies.removeFirst() }
        reply?(response)
    }
}
