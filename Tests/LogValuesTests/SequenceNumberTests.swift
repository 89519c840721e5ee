import LogValues
import Testing

@Suite("Sequence numbers")
struct SequenceNumberTests {
    @Test("next and previous are one line away, and the start has nothing before it")
    func steps() {
        #expect(SequenceNumber.start.next == .first)
        #expect(SequenceNumber.first.previous == .start)
        #expect(SequenceNumber.start.previous == .start)
        #expect(SequenceNumber(41).next == SequenceNumber(42))
    }

    @Test("lines are counted from a place that lies behind, and there are none from one that lies ahead")
    func counts() {
        #expect(SequenceNumber(42).count(after: .start) == 42)
        #expect(SequenceNumber(42).count(after: SequenceNumber(40)) == 2)
        #expect(SequenceNumber(40).count(after: SequenceNumber(42)) == 0)
    }

    @Test("a number from outside may be any, and its next does not trap")
    func largest() {
        #expect(SequenceNumber(.max).next == .start)
    }
}
