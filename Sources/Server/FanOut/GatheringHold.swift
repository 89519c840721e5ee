import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Decides how long what is gathered for sockets waits for more, so that several frames of a socket share a write.
///
/// A write costs about 4 µs, whatever it carries. While the loop has time to spare nothing waits, since nothing is gained
/// that anybody lacks. A loop that works most of the time lets frames wait longer, step by step, up to ``longest``, and
/// only where it pays: for sockets that get frames in such quick succession that two or more meet. One that becomes idle
/// goes back the same way. It owns no clock and no timer.
struct GatheringHold {
    /// With a frame every 7 ms for each of many sockets, six share a write.
    static let longest = TimeAmount.milliseconds(40)
    /// A socket is busy that had a frame so short a time before, in milliseconds.
    ///
    /// Half of the longest wait: two frames have to come within it, or the first one waits in vain.
    static let busyAge: UInt16 = 20
    /// A socket's share that leaves at once, in bytes: more might not fit its buffer in the kernel.
    private static let share = 32 * 1024
    /// How long the loop is watched before its share of work is judged.
    private static let watch = TimeAmount.milliseconds(10)
    /// The first step; each one is twice as long.
    private static let shortest = TimeAmount.milliseconds(5)
    /// In percent of the time that passed: from here on it waits longer, below it waits less.
    private static let busy: Int64 = 60
    private static let relaxed: Int64 = 40

    /// How long frames wait at the moment; zero while the loop has time.
    private(set) var patience = TimeAmount.zero
    /// When what is held has to go out; nil while nothing is held.
    private(set) var due: NIODeadline?
    private var watchedSince: NIODeadline
    private var busyTime: TimeAmount

    /// - Parameters:
    ///   - now: The loop's time.
    ///   - busyTime: How long the loop's thread has worked up to now.
    ///   - patience: How long frames wait to begin with.
    init(now: NIODeadline, busyTime: TimeAmount, patience: TimeAmount = .zero) {
        self.watchedSince = now
        self.busyTime = busyTime
        self.patience = patience
    }

    /// Follows how busy the loop is; asks for its time of work now and then.
    mutating func measure(now: NIODeadline, busyTime: () -> TimeAmount) {
        let passed = now - self.watchedSince
        guard passed >= Self.watch else { return }
        let time = busyTime()
        let worked = time - self.busyTime
        self.watchedSince = now
        self.busyTime = time
        if worked * 100 >= passed * Self.busy {
            self.patience = max(Self.shortest, min(Self.longest, self.patience * 2))
        } else if worked * 100 < passed * Self.relaxed {
            self.patience = self.patience > Self.shortest ? .nanoseconds(self.patience.nanoseconds / 2) : .zero
        }
    }

    /// Decides about what is gathered at the end of a round.
    ///
    /// - Parameters:
    ///   - isForBusySockets: Whether most of it is for sockets that had a frame less than ``busyAge`` before.
    ///   - largestShare: Of one socket, in bytes.
    ///   - now: The loop's time.
    /// - Returns: When it has to go out; nil if that is now.
    mutating func due(isForBusySockets: Bool, largestShare: Int, now: NIODeadline) -> NIODeadline? {
        if self.due == nil, self.patience > .zero, isForBusySockets { self.due = now + self.patience }
        guard let due = self.due, due > now, largestShare < Self.share else { return nil }
        return due
    }

    /// What was gathered is out.
    mutating func end() {
        self.due = nil
    }
}

/// What the calling thread has worked so far.
enum ThreadTime {
    static func now() -> TimeAmount {
        var time = timespec()
        guard clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return .zero }
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
