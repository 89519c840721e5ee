package import NIOPosix
import Synchronization

/// Runs an actor on NIO's thread pool, one job at a time: for an actor that reads files.
///
/// Swift's own pool has a thread for each processor, and a thread that waits for a disk is missing there.
package final class BlockingExecutor: SerialExecutor {
    private struct Queue {
        var jobs: [UnownedJob] = []
        var isDraining = false
    }

    private let pool: NIOThreadPool
    private let queue = Mutex(Queue())

    package init(_ pool: NIOThreadPool = .singleton) {
        self.pool = pool
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isFirst = self.queue.withLock { queue in
            queue.jobs.append(job)
            return !exchange(&queue.isDraining, with: true)
        }
        if isFirst { self.pool.submit { _ in self.drain() } }
    }

    /// A pool that has been shut down calls this as well, on the thread that submits: an actor's jobs must all run.
    private func drain() {
        while let jobs = self.takeJobs() {
            for job in jobs {
                // The executor outlives the call, and with it what is unowned of it.
                unsafe job.runSynchronously(on: self.asUnownedSerialExecutor())
            }
        }
    }

    private func takeJobs() -> [UnownedJob]? {
        self.queue.withLock { queue in
            guard queue.jobs.isEmpty else { return exchange(&queue.jobs, with: []) }
            queue.isDraining = false
            return nil
        }
    }
}
