import Archive
import Hub
import Logging
import NIOPosix
import ServiceLifecycle

/// Keeps the index near the end of the log in the background, on a thread of its own.
///
/// Requests bring it up to date themselves; this makes the index files after a start, and keeps what a request has to
/// read short.
struct IndexService: Service {
    /// How often the log is looked at, and how often until it was replayed and indexed for the first time.
    private static let interval = Duration.seconds(1)
    private static let intervalAtStart = Duration.milliseconds(50)

    let gate: LogGate
    let logger: Logger

    func run() async throws {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        await cancelWhenGracefulShutdown { await self.follow(on: pool) }
        self.gate.log?.index.stop()
        try await pool.shutdownGracefully()
    }

    private func follow(on pool: NIOThreadPool) async {
        var interval = Self.intervalAtStart
        var trouble = ""
        while (try? await Task.sleep(for: interval)) != nil {
            guard let index = self.gate.log?.index else { continue }
            do {
                try await withTaskCancellationHandler {
                    try await pool.runIfActive { try index.catchUp() }
                } onCancel: {
                    index.stop()
                }
                trouble = ""
            } catch {
                // Said once, not every second.
                if !Task.isCancelled, trouble != "\(error)" {
                    trouble = "\(error)"
                    self.logger.error("the log cannot be indexed", metadata: ["error": "\(trouble)"])
                }
            }
            interval = Self.interval
        }
    }
}
