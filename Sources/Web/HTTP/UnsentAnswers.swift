import Synchronization

/// Counts the bytes of large answers that clients have not taken yet, over all connections and loops.
///
/// An answer is made whole and lies in memory until its client has taken it, which may be never: so there is a limit for
/// all of them together. Small answers are not counted; of those a connection holds one, and their number is that of the
/// connections.
package final class UnsentAnswers: Sendable {
    /// Up to this size, in bytes, an answer is small.
    package static let smallSize = 64 * 1024

    private let limit: Int
    private let held = Atomic(0)

    /// - Parameter limit: In bytes.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Whether it makes sense to make another large answer.
    package var hasRoom: Bool { self.current < self.limit }
    var current: Int { self.held.load(ordering: .relaxed) }

    /// Counts an answer in, if there is room for it; the only one has room, however large it is.
    func enter(_ size: Int) -> Bool {
        let held = self.held.wrappingAdd(size, ordering: .relaxed).newValue
        guard held > self.limit, held != size else { return true }
        self.leave(size)
        return false
    }

    /// The same for an answer of any size; small ones are not counted.
    package func enterIfLarge(_ size: Int) -> Bool { size <= Self.smallSize || self.enter(size) }

    func leave(_ size: Int) {
        self.held.wrappingSubtract(size, ordering: .relaxed)
    }
}
