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
/// `@unchecked Sendable` is right: the value is touched under the lock only, and the lock never moves in memory. So is
/// `@safe`: both pointers are to memory of its own, which nobody else sees and which is there as long as it is.
@safe
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
        unsafe pthread_mutex_init(self.mutex, nil)
        #if canImport(Darwin)
            unsafe pthread_cond_init(self.condition, nil)
        #else
            var attributes = pthread_condattr_t()
            unsafe pthread_condattr_init(&attributes)
            // The wall clock may jump; a timed wait must not.
            unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
            unsafe pthread_cond_init(self.condition, &attributes)
            unsafe pthread_condattr_destroy(&attributes)
        #endif
    }

    deinit {
        unsafe pthread_cond_destroy(self.condition)
        unsafe pthread_mutex_destroy(self.mutex)
        unsafe self.condition.deallocate()
        unsafe self.mutex.deallocate()
    }

    func withLock<R>(_ body: (inout State) -> R) -> R {
        unsafe pthread_mutex_lock(self.mutex)
        defer { unsafe pthread_mutex_unlock(self.mutex) }
        return body(&self.state)
    }

    /// Lets every thread that waits look again.
    ///
    /// Cheap while none does.
    func signal() {
        unsafe pthread_cond_broadcast(self.condition)
    }

    /// Looks at the value until it has what is looked for.
    ///
    /// - Parameter look: Called under the lock; must not use the monitor.
    /// - Returns: What it found.
    func waitUntilFound<R>(_ look: (inout State) -> Look<R>) -> R {
        unsafe pthread_mutex_lock(self.mutex)
        defer { unsafe pthread_mutex_unlock(self.mutex) }
        while true {
            switch look(&self.state) {
            case .found(let result):
                return result
            case .wait(let deadline?):
                self.wait(atMost: ContinuousClock.now.duration(to: deadline))
            case .wait(nil):
                unsafe pthread_cond_wait(self.condition, self.mutex)
            }
        }
    }

    private func wait(atMost duration: Duration) {
        guard duration > .zero else { return }
        #if canImport(Darwin)
            var time = timespec(duration)
            unsafe pthread_cond_timedwait_relative_np(self.condition, self.mutex, &time)
        #else
            var now = timespec()
            unsafe clock_gettime(CLOCK_MONOTONIC, &now)
            var time = timespec(.seconds(now.tv_sec) + .nanoseconds(now.tv_nsec) + duration)
            unsafe pthread_cond_timedwait(self.condition, self.mutex, &time)
        #endif
    }
}
