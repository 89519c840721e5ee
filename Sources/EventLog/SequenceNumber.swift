/// The number of a line: 1 for the first line of a log, then one more for each, without gaps.
///
/// Numbers end at `Int64.max`, so that every tool can hold one and the next number never overflows.
package struct SequenceNumber: Comparable, Hashable, Sendable, CustomStringConvertible {
    package static let first = SequenceNumber(1)
    package static let last = SequenceNumber(UInt64(Int64.max))

    package let rawValue: UInt64

    package init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package var next: SequenceNumber { SequenceNumber(self.rawValue + 1) }

    package var description: String { String(self.rawValue) }

    package static func < (left: SequenceNumber, right: SequenceNumber) -> Bool {
        left.rawValue < right.rawValue
    }
}
