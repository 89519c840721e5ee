import LogValues
import Projections
import TestSupport
import Testing

@Suite("The place that stands for a moment")
struct MomentSearchTests {
    /// The last line that counts at a moment, all in minutes; lines are numbered from `first`.
    private func place(_ moment: Int64, in times: [Int64], first: UInt64 = 1) -> UInt64 {
        var search = MomentSearch(Timestamp(microseconds: moment * 60_000_000))
        for (index, time) in times.enumerated() {
            search.take(Timestamp(microseconds: time * 60_000_000), at: SequenceNumber(first + UInt64(index)))
        }
        return search.result?.rawValue ?? .max
    }

    @Test(
        "of a clock that only goes on, it is the last line that is not later",
        arguments: [(9, 0), (10, 1), (11, 1), (20, 3), (29, 3), (30, 4), (99, 4)]
    )
    func rising(moment: Int64, expected: UInt64) {
        #expect(self.place(moment, in: [10, 20, 20, 30]) == expected)
        #expect(self.place(moment, in: [10, 20, 20, 30], first: 101) == expected + 100)
    }

    @Test("what came after a clock had been ahead for a while counts at once", arguments: [1, 3, 50])
    func ahead(count: Int) {
        let times: [Int64] = [10, 20] + Array(repeating: 1_000_000, count: count) + [21, 22, 40]
        #expect(self.place(19, in: times) == 1)
        #expect(self.place(20, in: times) == 2)
        #expect(self.place(21, in: times) == UInt64(count) + 3)
        #expect(self.place(30, in: times) == UInt64(count) + 4)
        #expect(self.place(500, in: times) == UInt64(count) + 5)
    }

    @Test("a clock that was years behind for a while does not make later lines count before", arguments: [1, 3, 50])
    func behind(count: Int) {
        let times: [Int64] = [1000, 1010, 1020] + Array(repeating: 1, count: count) + [1030, 1040]
        #expect(self.place(999, in: times) == 0)
        #expect(self.place(1015, in: times) == 2)
        #expect(self.place(1025, in: times) == UInt64(count) + 3)
        #expect(self.place(1035, in: times) == UInt64(count) + 4)
        #expect(self.place(2000, in: times) == UInt64(count) + 5)
    }

    @Test("of a clock that was set back by a while, what it said last counts")
    func setBack() {
        let times: [Int64] = Array(0..<60) + Array(30..<90)
        #expect(self.place(29, in: times) == 30)
        for moment in Int64(30)..<60 { #expect(self.place(moment, in: times) == UInt64(moment) + 31) }
        #expect(self.place(95, in: times) == 120)
    }

    @Test("a log that begins with a wrong clock is right from where the clock is")
    func beginsWrong() {
        #expect(self.place(1005, in: [1, 2, 1000, 1010]) == 3)
        #expect(self.place(1005, in: [1_000_000, 1_000_001, 1000, 1010]) == 3)
    }

    @Test("lines may be left out where they and both their neighbours are on one side")
    func leavingOut() throws {
        var search = MomentSearch(Timestamp(microseconds: 50))
        for (time, position) in [(10, 1), (40, 9), (60, 10), (90, 20)] as [(Int64, UInt64)] {
            search.take(Timestamp(microseconds: time), at: SequenceNumber(position))
        }
        let result = try #require(search.result)
        #expect(result == SequenceNumber(9))
        let nothing = MomentSearch(Timestamp(microseconds: 50)).result
        #expect(nothing == nil)
    }
}
