import Synchronization

/// Counts the open connections of all loops.
///
/// The handler that a connection has at its end takes it out: a callback of the channel's close would take 150 bytes each.
package final class ConnectionGauge: Sendable {
    private let count = Atomic(0)
    private let arrivingCount = Atomic(0)

    var current: Int { self.count.load(ordering: .relaxed) }
    /// Connections that were accepted, and are on their way to their event loop.
    var arriving: Int { self.arrivingCount.load(ordering: .relaxed) }

    /// One was accepted.
    func depart() {
        self.arrivingCount.wrappingAdd(1, ordering: .relaxed)
    }

    /// One has come to its event loop.
    func arrive() {
        let left = self.arrivingCount.wrappingSubtract(1, ordering: .relaxed).newValue
        // It was forgotten, or accepted before anybody counted.
        if left < 0 { self.arrivingCount.wrappingAdd(1, ordering: .relaxed) }
    }

    func forgetArriving() {
        self.arrivingCount.store(0, ordering: .relaxed)
    }

    /// - Returns: Whether there is room for one more, which is counted then.
    func enter(limit: Int) -> Bool {
        guard self.count.wrappingAdd(1, ordering: .relaxed).newValue > limit else { return true }
        self.leave()
        return false
    }

    package func leave() {
        self.count.wrappingSubtract(1, ordering: .relaxed)
    }
}
