import FanOut
import LogValues
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
    private let listeners = Mutex<[ConnectionID: SequenceNumber]>([:])

    init(fanOut: FanOut) {
        self.fanOut = fanOut
    }

    /// How far those surely got that had not received everything.
    var behind: [ConnectionID: SequenceNumber] { self.listeners.withLock { $0 } }

    func run() async throws {
        try? await gracefulShutdown()
        let behind = await self.fanOut.drain(within: Self.timeout)
        self.listeners.withLock { $0 = behind }
    }
}
