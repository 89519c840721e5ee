import SystemPackage

/// A thread that syncs while the commit thread prepares the next commit.
///
/// It begins with the first work, so that a log without load has none. One owner, the commit thread, which hands it
/// nothing while it works.
final class SyncThread: Sendable {
    private struct State {
        var isStarted = false
        var isStopped = false
        var work: (@Sendable () -> Void)?
    }

    private let state = Monitor(State())
    private let path: FilePath

    /// - Parameter path: What the thread works on, for error messages.
    init(for path: FilePath) {
        self.path = path
    }

    /// Does the work on the thread, or, if the system has no thread left, before this returns.
    func perform(_ work: @escaping @Sendable () -> Void) {
        let isStarted = self.state.withLock { exchange(&$0.isStarted, with: true) }
        do {
            if !isStarted { try LogThread.start(for: self.path) { [state] in Self.run(state) } }
        } catch {
            self.state.withLock { $0.isStarted = false }
            return work()
        }
        self.state.withLock { $0.work = work }
        self.state.signal()
    }

    /// Lets the thread end after the work that it has.
    func stop() {
        self.state.withLock { $0.isStopped = true }
        self.state.signal()
    }

    private static func run(_ state: Monitor<State>) {
        while true {
            let work = state.waitUntilFound { state -> Monitor<State>.Look<(@Sendable () -> Void)?> in
                if let work = state.work.take() { return .found(work) }
                return state.isStopped ? .found(nil) : .wait(until: nil)
            }
            guard let work else { return }
            work()
        }
    }
}
