package import LogValues

/// Finds the place in a log that stands for a moment: the last line that had been written then.
///
/// Times rise from line to line as long as the clock does. One that was set makes the log pass a moment more than once:
/// ahead, and again when the clock is right; or back, and again when it jumps to the present. Then the last place counts
/// where the log passes the moment in a small step, for there time went on, and elsewhere the clock was set; where all steps
/// are large, as in a log of few lines, the place with the smallest.
package struct MomentSearch {
    /// Microseconds up to which a step is small: what a busy log never waits for its next line, and a clock that matters to
    /// nobody may be wrong by.
    private static let smallStep: UInt64 = 600_000_000

    package let moment: Timestamp
    private var previous: (time: Timestamp, position: SequenceNumber)?
    private var best: (position: SequenceNumber, step: UInt64)?

    package init(_ moment: Timestamp) {
        self.moment = moment
    }

    /// Takes the next line.
    ///
    /// Lines may be left out between two that are taken, if they and both of these are all after the moment, or all not.
    package mutating func take(_ time: Timestamp, at position: SequenceNumber) {
        if time > self.moment {
            switch self.previous {
            case nil:
                // Nobody knows what was before the first line; it passes the moment if that is nearest.
                self.propose(SequenceNumber(position.rawValue - 1), from: self.moment, to: time)
            case let previous? where previous.time <= self.moment:
                self.propose(previous.position, from: previous.time, to: time)
            case _?:
                break
            }
        }
        self.previous = (time, position)
    }

    /// Whether the moment was passed by what was taken so far.
    package var isPassed: Bool { self.best != nil }

    /// The last line that counts, once all lines were taken; the one before the first if all are later, nil if there are
    /// none.
    package var result: SequenceNumber? {
        guard let previous = self.previous else { return nil }
        var search = self
        if previous.time <= self.moment { search.propose(previous.position, from: previous.time, to: self.moment) }
        return search.best?.position
    }

    private mutating func propose(_ position: SequenceNumber, from start: Timestamp, to end: Timestamp) {
        let step = UInt64(bitPattern: end.microseconds &- start.microseconds)
        if let best = self.best, best.step < step, step > Self.smallStep { return }
        self.best = (position, step)
    }
}
