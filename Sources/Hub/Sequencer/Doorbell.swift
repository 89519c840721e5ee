package import NIOCore
import NIOPosix
import Synchronization

/// Wakes those who wait for something to happen, all at once; whoever wakes looks for itself at what it is.
///
/// The mutex is held for a few lines; ringing while nobody waits costs no more than that.
package final class Doorbell: Sendable {
    private struct State {
        var rings: UInt64 = 0
        var lastWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// How often it has rung: taken before looking, so that no ring in between is missed.
    package var rings: UInt64 { self.state.withLock { $0.rings } }

    package func ring() {
        let waiters = self.state.withLock { state in
            state.rings += 1
            return exchange(&state.waiters, with: [:])
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Waits until it has rung more often than that, or the time is over.
    package func wait(after rings: UInt64, timeout: TimeAmount) async {
        await withCheckedContinuation { continuation in
            let number: UInt64? = self.state.withLock { state in
                guard state.rings == rings else { return nil }
                state.lastWaiter += 1
                state.waiters[state.lastWaiter] = continuation
                return state.lastWaiter
            }
            guard let number else { return continuation.resume() }
            _ = MultiThreadedEventLoopGroup.singleton.any().scheduleTask(in: timeout) {
                self.state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
            }
        }
    }
}
