/// Where commands go: the hub, or a stand-in for it in tests.
package protocol CommandSink: Sendable {
    /// Hands in a command from any thread; `reply` is called exactly once, on the hub's executor.
    func submit(_ command: Command, reply: @escaping @Sendable (Reply) -> Void)
}

extension CommandSink {
    /// The same, awaited.
    package func submit(_ command: Command) async -> Reply {
        await withCheckedContinuation { continuation in
            self.submit(command) { continuation.resume(returning: $0) }
        }
    }
}
