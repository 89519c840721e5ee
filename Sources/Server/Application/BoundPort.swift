/// Told once the server has its address, so that nothing is written to the log for a server that nobody can reach.
struct BoundPort: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (self.stream, self.continuation) = AsyncStream.makeStream()
    }

    /// The address is bound; or whoever waits for it is to stop waiting.
    func open() {
        self.continuation.finish()
    }

    /// Returns once it is open; for one waiter.
    ///
    /// - Throws: `CancellationError` if the task was cancelled, as it is when the address cannot be had.
    func wait() async throws {
        for await _ in self.stream {}
        try Task.checkCancellation()
    }
}
