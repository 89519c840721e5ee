/// How long to wait before something is tried again: longer each time, never less than a bound, and by chance not just when
/// all others try.
///
/// Whoever answers decides nothing about it: a primary that answers at once, and with nothing, is asked no more often than
/// one that does not answer. A value; chance is handed in.
struct Backoff: Sendable {
    /// The least time between two tries.
    static let shortest = Duration.milliseconds(250)
    /// The time that tries come to, plus up to a half of it.
    static let longest = Duration.seconds(2)

    private let draw: @Sendable () -> UInt64
    private var next = Self.shortest

    /// - Parameter draw: Gives a random number.
    init(draw: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }) {
        self.draw = draw
    }

    /// Begins anew, since the last try has brought something.
    mutating func reset() {
        self.next = Self.shortest
    }

    /// How long to wait now.
    mutating func pause() -> Duration {
        let base = self.next
        self.next = min(base * 2, Self.longest)
        return base + base * Int(self.draw() % 512) / 1024
    }
}
