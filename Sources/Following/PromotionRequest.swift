import Synchronization

/// An operator's order that a running follower decide for itself, which is carried out when the server has stopped.
package final class PromotionRequest: Sendable {
    private struct State {
        var isAsked = false
        var stop: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    package var isAsked: Bool { self.state.withLock { $0.isAsked } }

    /// Sets how the serving is ended, as a signal would end it; `stop` is called once, if at all.
    package func whenAsked(_ stop: @escaping @Sendable () -> Void) {
        self.state.withLock { $0.stop = stop }
    }

    /// Returns false if it was asked for already, or the server has not started.
    package func ask() -> Bool {
        let stop = self.state.withLock { state -> (@Sendable () -> Void)? in
            guard !state.isAsked else { return nil }
            state.isAsked = state.stop != nil
            return state.stop
        }
        guard let stop else { return false }
        Task {
            // The answer goes first.
            try? await Task.sleep(for: .milliseconds(50))
            stop()
        }
        return true
    }
}
