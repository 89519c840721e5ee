import Testing

@testable import Following

@Suite("Pauses between tries")
struct BackoffTests {
    @Test(
        "they grow to a bound, and chance makes them longer, never shorter than another bound",
        arguments: [0, 1, 511, 512, .max] as [UInt64]
    )
    func bounded(chance: UInt64) {
        var backoff = Backoff { chance }
        let pauses = (0..<50).map { _ in backoff.pause() }
        for pause in pauses { #expect(pause >= Backoff.shortest && pause < Backoff.longest * 2) }
        #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(pauses[49] >= Backoff.longest)
        backoff.reset()
        #expect(backoff.pause() == pauses[0])
    }

    @Test("two nodes do not try at the same time for ever")
    func differ() {
        var pauses = [0, 300].map { (chance: UInt64) in
            var backoff = Backoff { chance }
            return backoff.pause()
        }
        #expect(pauses.removeFirst() != pauses[0])
    }
}
