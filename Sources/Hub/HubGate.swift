import Synchronization

/// Stands before the hub while the log is replayed: until it is opened, commands are told to come back.
///
/// The server listens from the first moment on, so that whoever waits for it gets an answer with a reason.
package final class HubGate: CommandSink {
    private let hub = Mutex<(any CommandSink)?>(nil)

    package init() {}

    package func open(_ hub: any CommandSink) {
        self.hub.withLock { $0 = hub }
    }

    package func hand(_ request: HubRequest, reply: @escaping @Sendable (Reply) -> Void) {
        guard let hub = self.hub.withLock({ $0 }) else {
            return reply(.unavailable(reason: "the log is being replayed; try again"))
        }
        hub.hand(request, reply: reply)
    }
}
