/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z.
///
/// Years 0 to 9999 can be written; it is read from and written to `2026-11-23T23:10:11.123456Z`.
package struct Timestamp: Comparable, Hashable, Sendable {
    package let microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }
}
