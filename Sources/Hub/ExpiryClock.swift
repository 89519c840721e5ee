import DequeModule

/// Which of many things gave no sign of life for a fixed time.
///
/// All share one timeout, so the order of their signs is the order of their ends: a queue, not a heap. A later sign
/// leaves the older entry in the queue, where it is recognised as stale.
package struct ExpiryClock<Key: Hashable & Sendable>: Sendable {
    package let timeout: Duration
    private var lastSigns: [Key: Duration] = [:]
    private var queue: Deque<(key: Key, sign: Duration)> = []

    package init(timeout: Duration) {
        self.timeout = timeout
    }

    /// Notes a sign of life.
    ///
    /// - Parameters:
    ///   - key: Who gave it.
    ///   - now: Time since any fixed moment of a clock that never goes back.
    package mutating func touch(_ key: Key, now: Duration) {
        guard self.lastSigns[key] != now else { return }
        self.lastSigns[key] = now
        self.queue.append((key, now))
    }

    package mutating func forget(_ key: Key) {
        self.lastSigns[key] = nil
    }

    /// Takes out what is due.
    package mutating func expired(now: Duration) -> [Key] {
        var due: [Key] = []
        while let first = self.queue.first, first.sign + self.timeout <= now {
            self.queue.removeFirst()
            guard self.lastSigns[first.key] == first.sign else { continue }
            self.lastSigns[first.key] = nil
            due.append(first.key)
        }
        return due
    }
}
