import Archive
import NIOPosix
import Synchronization

/// Where past states are rebuilt.
///
/// Two at a time at most: each holds a state in memory and keeps a core busy, for seconds on a long log, and so each has
/// a thread of its own, not one that others wait for.
final class PastStateThreads: Sendable {
    package static let concurrencyLimit = 2

    private let running = Mutex(0)

    /// Runs what rebuilds a state, on a thread of its own.
    ///
    /// - Throws: What `body` throws, and ``PastStateError/busy`` if too many are at it.
    func withThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        let isFree = self.running.withLock { running in
            guard running < Self.concurrencyLimit else { return false }
            running += 1
            return true
        }
        guard isFree else { throw PastStateError.busy }
        defer { self.running.withLock { $0 -= 1 } }
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        do {
            let result = try await pool.runIfActive(body)
            try await pool.shutdownGracefully()
            return result
        } catch {
            try? await pool.shutdownGracefully()
            throw error
        }
    }
}
