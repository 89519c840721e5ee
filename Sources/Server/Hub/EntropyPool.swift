package import Projections

/// Randomness for ids and salts, drawn from the system 4 KiB at a time.
///
/// The system's generator costs a system call for every eight bytes; a message needs 32.
package struct EntropyPool: Sendable {
    private let refill: @Sendable () -> [UInt64]
    private var words: [UInt64] = []

    /// - Parameter refill: Gives fresh random words, at least one; tests hand in a seeded source.
    package init(refill: @escaping @Sendable () -> [UInt64]) {
        self.refill = refill
    }

    package static var system: EntropyPool {
        EntropyPool {
            var generator = SystemRandomNumberGenerator()
            return (0..<512).map { _ in generator.next() }
        }
    }

    package mutating func next() -> UInt64 {
        if let word = self.words.popLast() { return word }
        self.words = self.refill()
        return self.words.popLast() ?? 0
    }

    package mutating func uuid() -> UUID128 {
        UUID128(random: self.next(), self.next())
    }

    package mutating func salt() -> Content.Salt {
        Content.Salt(high: self.next(), low: self.next())
    }
}
