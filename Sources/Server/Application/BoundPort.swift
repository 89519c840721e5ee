import Synchronization

/// Told once the server has its address, so that nothing is written to the log for a server that nobody can reach.
final class BoundPort: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let bound = Atomic(false)

    init() {
        (self.stream, self.continuation) = AsyncStream.makeStream()
    }

    /// Whether the server has its address.
    var isBound: Bool { self.bound.load(ordering: .relaxed) }

    /// The address is bound.
    func open() {
        self.bound.store(true, ordering: .relaxed)
        self.continuation.finish()
    }

    /// Whoever waits for the address is to stop waiting.
    func giveUp() {
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
