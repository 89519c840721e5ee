import EventLog

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Keeps what a log's thread reports, for a test's thread to wait for.
///
/// `@unchecked Sendable` is right: everything is touched under the lock only; and so is `@safe`: both pointers are to
/// memory of its own.
@safe
final class CommitReports: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var all: [CommitReport] = []
    private var reportedLines = 0

    init() {
        unsafe pthread_mutex_init(self.mutex, nil)
        unsafe pthread_cond_init(self.condition, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(self.condition)
        unsafe pthread_mutex_destroy(self.mutex)
        unsafe self.condition.deallocate()
        unsafe self.mutex.deallocate()
    }

    /// Lines reported so far, committed or refused.
    var lineCount: Int { self.locked { self.reportedLines } }

    var commits: [Commit] {
        self.locked {
            self.all.compactMap { report in
                if case .committed(let commit) = report { commit } else { nil }
            }
        }
    }

    var failures: [(error: EventLogError, lineCount: Int)] {
        self.locked {
            self.all.compactMap { report in
                if case .failed(let error, let lineCount) = report { (error, lineCount) } else { nil }
            }
        }
    }

    func add(_ report: CommitReport) {
        self.locked {
            self.all.append(report)
            switch report {
            case .committed(let commit): self.reportedLines += commit.lineCount
            case .failed(_, let lineCount): self.reportedLines += lineCount
            }
            unsafe pthread_cond_broadcast(self.condition)
        }
    }

    /// Waits until so many lines were reported.
    ///
    /// Returns the newest report.
    func wait(forLines count: Int) -> CommitReport? {
        self.locked {
            while self.reportedLines < count { unsafe pthread_cond_wait(self.condition, self.mutex) }
            return self.all.last
        }
    }

    private func locked<R>(_ body: () -> R) -> R {
        unsafe pthread_mutex_lock(self.mutex)
        defer { unsafe pthread_mutex_unlock(self.mutex) }
        return body()
    }
}
