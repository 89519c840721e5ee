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
    /// The present moment, in microseconds since 1970.
    let now: Int64

    /// Whether a segment is older than the limit, given when the next one was begun, in the log's form: no line of it is
    /// younger.
    func isTooOld(ended end: String) -> Bool {
        guard let age = self.limits.age else { return false }
        let cutoff = self.now - age.components.seconds * 1_000_000
        // Moments in the log's form sort as they are.
        return cutoff > 0
            && !UTCText.format(microseconds: cutoff).utf8.lexicographicallyPrecedes(end.utf8)
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
