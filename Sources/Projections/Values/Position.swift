/// A place in the log: the sequence number of an event.
///
/// 0 stands before the first.
package struct Position: Comparable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64

    package init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Before the first event.
    package static let start = Position(0)

    /// The position after this one.
    package var next: Position { Position(self.rawValue &+ 1) }

    package var description: String { String(self.rawValue) }

    package static func < (left: Position, right: Position) -> Bool {
        left.rawValue < right.rawValue
    }
}
