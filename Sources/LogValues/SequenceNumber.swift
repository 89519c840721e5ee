/// The number of a line of the log: 1 for the first, then one more for each, without gaps.
///
/// It is a place in the log as well, the one behind that line; ``start`` stands before the first line. Numbers end at
/// `Int64.max`, so that every tool can hold one and the next number never overflows.
@usableFromInline
package struct SequenceNumber: Comparable, Hashable, Sendable, CustomStringConvertible {
    @usableFromInline package let rawValue: UInt64

    @inlinable
    package init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The place before the first line; no line has this number.
    @inlinable package static var start: SequenceNumber { SequenceNumber(0) }
    @inlinable package static var first: SequenceNumber { SequenceNumber(1) }
    @inlinable package static var last: SequenceNumber { SequenceNumber(UInt64(Int64.max)) }

    /// One more; it wraps instead of trapping, since a number that came from outside may be any.
    @inlinable package var next: SequenceNumber { SequenceNumber(self.rawValue &+ 1) }

    /// One less; the start stays where it is.
    @inlinable package var previous: SequenceNumber { SequenceNumber(self.rawValue == 0 ? 0 : self.rawValue - 1) }

    /// The number of lines from a place up to here; 0 if the place is further on.
    @inlinable
    package func count(after place: SequenceNumber) -> UInt64 { self > place ? self.rawValue - place.rawValue : 0 }

    @usableFromInline package var description: String { String(self.rawValue) }

    @inlinable
    package static func == (left: SequenceNumber, right: SequenceNumber) -> Bool { left.rawValue == right.rawValue }

    @inlinable
    package static func < (left: SequenceNumber, right: SequenceNumber) -> Bool { left.rawValue < right.rawValue }

    @inlinable
    package func hash(into hasher: inout Hasher) { hasher.combine(self.rawValue) }
}
