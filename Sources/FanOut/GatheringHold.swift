import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Decides how long what is gathered for sockets waits for more, so that several frames of a socket share a write.
///
/// A write costs about 4 µs, whatever it carries. While the loop has time to spare nothing waits, since nothing is gained
/// that anybody lacks. The more of its time a loop works, the longer frames wait, up to a limit, and only where it
/// pays: for sockets that get frames in such quick succession that two or more meet. It owns no clock and no timer.
struct GatheringHold {
    /// A socket is busy that had a frame so short a time before, in milliseconds.
    ///
    /// Half of the longest wait as it is by default: two frames have to come within it, or the first one waits in vain.
    static let busyAge: UInt16 = 20
    /// A socket's share that leaves at once, in bytes: more might not fit its buffer in the kernel.
    private static let share = 32 * 1024
    /// How long the loop is watched before its share of work is looked at.
    private static let watch = TimeAmount.milliseconds(10)
    /// What was seen so long ago counts for nothing any more.
    private static let memory = TimeAmount.milliseconds(40)
    /// The share of the time that a loop works: up to this one nothing waits, and the longest from the next one on.
    ///
    /// Far from all of it: a loop that shares its core with the log's threads never gets more than two thirds.
    private static let relaxedLoad = 0.3
    private static let fullLoad = 0.6

    private let longest: TimeAmount
    /// When what is held has to go out; nil while nothing is held.
    private(set) var due: NIODeadline?
    /// The part of its time that the loop works, from 0 to 1.
    private var load: Double
    private var watchedSince: NIODeadline
    private var busyTime: TimeAmount

    /// - Parameters:
    ///   - longest: How long frames may wait.
    ///   - now: The loop's time.
    ///   - busyTime: How long the loop's thread has worked up to now.
    ///   - load: What it is taken for to begin with.
    init(longest: TimeAmount, now: NIODeadline, busyTime: TimeAmount, load: Double = 0) {
        self.longest = longest
        self.watchedSince = now
        self.busyTime = busyTime
        self.load = load
    }

    /// How long frames wait at the moment; zero while the loop has time.
    var patience: TimeAmount {
        let part = (self.load - Self.relaxedLoad) / (Self.fullLoad - Self.relaxedLoad)
        // Less than a millisecond is none: a timer costs more than it gains.
        let patience = TimeAmount.nanoseconds(Int64(Double(self.longest.nanoseconds) * min(max(part, 0), 1)))
        return patience < .milliseconds(1) ? .zero : patience
    }

    /// Follows how busy the loop is; asks for its time of work now and then.
    mutating func measure(now: NIODeadline, busyTime: () -> TimeAmount) {
        let passed = now - self.watchedSince
        guard passed >= Self.watch else { return }
        let time = busyTime()
        let load = Double((time - self.busyTime).nanoseconds) / Double(passed.nanoseconds)
        let weight = min(1, Double(passed.nanoseconds) / Double(Self.memory.nanoseconds))
        self.load += (min(max(load, 0), 1) - self.load) * weight
        self.watchedSince = now
        self.busyTime = time
    }

    /// Decides about what is gathered at the end of a round.
    ///
    /// - Parameters:
    ///   - isForBusySockets: Whether most of it is for sockets that had a frame less than ``busyAge`` before.
    ///   - largestShare: The bytes of the socket that gets most.
    ///   - now: The loop's time.
    /// - Returns: When it has to go out; nil if that is now.
    mutating func due(isForBusySockets: Bool, largestShare: Int, now: NIODeadline) -> NIODeadline? {
        if self.due == nil, isForBusySockets {
            let patience = self.patience
            if patience > .zero { self.due = now + patience }
        }
        guard let due = self.due, due > now, largestShare < Self.share else { return nil }
        return due
    }

    /// Begins anew: what was gathered is out.
    mutating func end() {
        self.due = nil
    }
}

/// The time that the calling thread has worked so far.
enum ThreadTime {
    static func now() -> TimeAmount {
        var time = timespec()
        // The call fills what it is lent, and keeps no pointer.
        guard unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return .zero }
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
