import TestSupport
import Testing

@testable import Projections

@Suite("How many connections of a user are in each channel")
struct SubscriptionCountsTests {
    @Test("it counts as a table would", arguments: 0..<16 as Range<UInt64>)
    func counts(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var counts = SubscriptionCounts()
        var table: [ChannelName: Int] = [:]
        for _ in 0..<300 {
            let channel = ChannelName("\(Int.random(in: 0..<4, using: &generator))")
            switch Int.random(in: 0..<5, using: &generator) {
            case 0, 1:
                counts.add(channel)
                table[channel, default: 0] += 1
            case 2, 3:
                let wasLast = table[channel] == 1
                #expect(counts.remove(channel) == wasLast, "seed \(seed)")
                if wasLast { table[channel] = nil } else if let count = table[channel] { table[channel] = count - 1 }
            default:
                counts.removeAll(channel)
                table[channel] = nil
            }
            #expect(counts.channels.sorted() == table.keys.sorted(), "seed \(seed)")
            #expect(counts[channel] == table[channel] ?? 0, "seed \(seed)")
        }
    }
}
