/// Decides what time it is, for who must not be misled by a clock that was set wrong for a while.
///
/// The wall clock is compared with the one that never jumps, now and then. The least that it said in a while, by the steady
/// clock's measure, is believed: a jump ahead counts only when it has lasted that long, one back at once. It owns no clock.
package struct ClockAgreement: Sendable {
    /// Looks at the clocks that a while must hold: with fewer, one jump might be all that was seen of it.
    private static let leastCount = 3

    private struct Sample {
        /// By the steady clock.
        let at: Duration
        /// How far the wall clock is ahead of it, in microseconds.
        let offset: Int64
    }

    private let window: Duration
    private var samples: [Sample] = []

    /// - Parameter window: How long the clocks must have agreed.
    package init(window: Duration) {
        self.window = window
    }

    /// Takes what both clocks say at a moment.
    ///
    /// - Parameters:
    ///   - wall: Microseconds since 1970.
    ///   - elapsed: By the steady clock.
    package mutating func note(wall: Int64, elapsed: Duration) {
        self.samples.append(Sample(at: elapsed, offset: wall - elapsed.microseconds))
        // The last one before the window stays: it says what was so when the window began.
        while self.samples.count > 1, self.samples[1].at <= elapsed - self.window { self.samples.removeFirst() }
    }

    /// The present moment, in microseconds since 1970; nil if the clocks have not been watched for long enough.
    package func now(elapsed: Duration) -> Int64? {
        guard let first = self.samples.first, first.at <= elapsed - self.window,
            self.samples.count >= Self.leastCount, let offset = self.samples.map(\.offset).min()
        else { return nil }
        return elapsed.microseconds + offset
    }
}

extension Duration {
    fileprivate var microseconds: Int64 {
        let (seconds, attoseconds) = self.components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
