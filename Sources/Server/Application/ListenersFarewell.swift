import Logging
import NIOCore
import Projections
import ServiceLifecycle
import Synchronization

/// Sends the listeners away when the server stops: first of all, while the rest still works.
final class ListenersFarewell: Service {
    /// A listener that has not closed by then is cut off.
    private static let timeout = TimeAmount.seconds(2)

    private let fanOut: FanOut
    private let listeners = Mutex<Set<ConnectionID>>([])

    init(fanOut: FanOut) {
        self.fanOut = fanOut
    }

    /// Those that had not received everything.
    var behind: Set<ConnectionID> { self.listeners.withLock { $0 } }

    func run() async throws {
        try? await gracefulShutdown()
        let behind = await self.fanOut.drain(within: Self.timeout)
        self.listeners.withLock { $0 = Set(behind.keys) }
    }
}
