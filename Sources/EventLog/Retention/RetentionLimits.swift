/// How much of a log is kept; without a limit, everything.
package struct RetentionLimits: Equatable, Sendable {
    /// Segments whose last line is older go.
    package var age: Duration?
    /// Bytes on disk that the segments may take together; beyond it the oldest go.
    package var sizeBytes: UInt64?

    package init(age: Duration? = nil, sizeBytes: UInt64? = nil) {
        self.age = age
        self.sizeBytes = sizeBytes
    }

    package var isOff: Bool { self.age == nil && self.sizeBytes == nil }
}

/// Decides what of a log the limits let go; owns no file and no clock.
struct RetentionPlan {
    let limits: RetentionLimits
    /// The present moment, in microseconds since 1970; nil: ages cannot be told.
    let now: Int64?

    /// Whether a segment may be too old at all.
    var tellsAges: Bool { self.limits.age != nil && self.now != nil }

    /// Looks at segments in order, the oldest first.
    ///
    /// - Parameter begin: When the first of them was begun, in the log's form.
    /// - Returns: What tells, one after the other, whether they are too old.
    func ages(from begin: String) -> SegmentAges {
        let now = self.now ?? 0
        let seconds = self.limits.age?.components.seconds ?? 0
        // A limit that reaches back before 1970 lets nothing go.
        let cutoff = now / 1_000_000 > seconds ? now - seconds * 1_000_000 : 0
        return SegmentAges(
            now: UTCText.format(microseconds: now),
            cutoff: UTCText.format(microseconds: cutoff),
            isOff: cutoff == 0,
            begin: begin
        )
    }

    /// How many of the oldest segments are too much, given the sizes of all of them in bytes, oldest first; the last one
    /// always stays.
    func tooMuchCount(sizes: [UInt64]) -> Int {
        guard let limit = self.limits.sizeBytes else { return 0 }
        var total = sizes.reduce(0, +)
        return sizes.dropLast().prefix { size in
            guard total > limit else { return false }
            total -= size
            return true
        }.count
    }
}

/// Tells which segments are too old, by when the segments behind them were begun: no line of theirs is younger.
///
/// The times in a log are what the clock said, which may have been wrong for a while. One that lies in the future says
/// nothing. One that lies before an earlier one is no earlier than that.
struct SegmentAges {
    // Moments in the log's form, which sort as they are.
    private let now: String
    private let cutoff: String
    private let isOff: Bool
    private var latest: String?

    init(now: String, cutoff: String, isOff: Bool, begin: String) {
        self.now = now
        self.cutoff = cutoff
        self.isOff = isOff
        self.latest = now.utf8.lexicographicallyPrecedes(begin.utf8) ? nil : begin
    }

    /// Whether the segments before one that was begun then are too old; nil if that cannot be told by it.
    mutating func isTooOld(ended end: String) -> Bool? {
        guard !self.isOff else { return false }
        guard !self.now.utf8.lexicographicallyPrecedes(end.utf8) else { return nil }
        if self.latest.map({ $0.utf8.lexicographicallyPrecedes(end.utf8) }) ?? true { self.latest = end }
        guard let latest = self.latest else { return nil }
        return !self.cutoff.utf8.lexicographicallyPrecedes(latest.utf8)
    }
}
