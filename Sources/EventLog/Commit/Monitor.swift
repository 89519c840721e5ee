#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A value behind a lock that a thread can wait for.
///
/// `Synchronization.Mutex` has no condition variable, and a semaphore no way to look at the value under the lock.
///
/// `@unchecked Sendable` is right: the value is touched under the lock only, and the lock never moves in memory.
final class Monitor<State>: @unchecked Sendable {
    /// The result of a look at the value.
    enum Look<Result> {
        case found(Result)
        /// Look again after a ``signal()``, or at this time.
        case wait(until: ContinuousClock.Instant?)
    }

    private var state: State
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init(_ state: sending State) {
        self.state = state
        pthread_mutex_init(self.mutex, nil)
        #if canImport(Darwin)
            pthread_cond_init(self.condition, nil)
        #else
            var attributes = pthread_condattr_t()
            pthread_condattr_init(&attributes)
            // The wall clock may jump; a timed wait must not.
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
            pthread_cond_init(self.condition, &attributes)
            pthread_condattr_destroy(&attributes)
        #endif
    }

    deinit {
        pthread_cond_destroy(self.condition)
        pthread_mutex_destroy(self.mutex)
        self.condition.deallocate()
        self.mutex.deallocate()
    }

    func withLock<R>(_ body: (inout State) -> R) -> R {
        pthread_mutex_lock(self.mutex)
        defer { pthread_mutex_unlock(self.mutex) }
        return body(&self.state)
    }

    /// Lets every thread that waits look again.
    ///
    /// Cheap while none does.
    func signal() {
        pthread_cond_broadcast(self.condition)
    }

    /// Looks at the value until it has what is looked for.
    ///
    /// - Parameter look: Called under the lock; must not use the monitor.
    /// - Returns: What it found.
    func waitUntilFound<R>(_ look: (inout State) -> Look<R>) -> R {
        pthread_mutex_lock(self.mutex)
        defer { pthread_mutex_unlock(self.mutex) }
        while true {
            switch look(&self.state) {
            case .found(let result):
                return result
            case .wait(let deadline?):
                self.wait(atMost: ContinuousClock.now.duration(to: deadline))
            case .wait(nil):
                pthread_cond_wait(self.condition, self.mutex)
            }
        }
    }

    private func wait(atMost duration: Duration) {
        guard duration > .zero else { return }
        #if canImport(Darwin)
            var time = timespec(duration)
            pthread_cond_timedwait_relative_np(self.condition, self.mutex, &time)
        #else
            var now = timespec()
            clock_gettime(CLOCK_MONOTONIC, &now)
            var time = timespec(.seconds(now.tv_sec) + .nanoseconds(now.tv_nsec) + duration)
            pthread_cond_timedwait(self.condition, self.mutex, &time)
        #endif
    }
}
