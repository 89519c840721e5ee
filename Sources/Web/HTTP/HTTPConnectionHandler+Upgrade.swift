package import NIOCore

extension HTTPConnectionHandler {
    /// Puts another handler in this one's place.
    ///
    /// - Parameters:
    ///   - make: Makes it; it is handed what counts the connection.
    ///   - prepare: Readies the channel.
    /// - Returns: The handler, and what the client sent behind its request; nil if the client is gone.
    package func handOver<Successor: ChannelHandler>(
        to make: (ConnectionGauge?) -> Successor,
        prepare: (any Channel) throws -> Void
    ) -> (successor: Successor, rest: ByteBuffer)? {
        guard let context = self.context else { return nil }
        let rest = self.received
        self.received = ByteBuffer()
        let successor = make(self.gauge)
        let operations = context.pipeline.syncOperations
        do {
            try operations.addHandler(successor, position: .after(self))
            self.gauge = nil
            try prepare(context.channel)
            operations.removeHandler(self, promise: nil)
        } catch {
            context.close(promise: nil)
            return nil
        }
        // What was held up while an answer was waited for is the successor's to read.
        if self.holdsRead { context.channel.read() }
        return (successor, rest)
    }
}
