import Testing

@testable import EventLog

@Suite("What time it is, for retention")
struct ClockAgreementTests {
    private static let day: Int64 = 86_400_000_000
    private static let start: Int64 = 1_795_000_000_000_000

    /// Looks at the clocks every ten seconds.
    ///
    /// - Parameters:
    ///   - clock: What is told of it.
    ///   - seconds: From when to when, by the steady clock.
    ///   - ahead: What the wall clock is ahead of the right time, in microseconds.
    private static func watch(_ clock: inout ClockAgreement, _ seconds: ClosedRange<Int>, ahead: Int64 = 0) {
        for second in stride(from: seconds.lowerBound, through: seconds.upperBound, by: 10) {
            clock.note(wall: self.start + Int64(second) * 1_000_000 + ahead, elapsed: .seconds(second))
        }
    }

    @Test("it is not known before the clocks were watched for the window")
    func notYet() {
        var clock = ClockAgreement(window: .seconds(60))
        for second in stride(from: 0, through: 50, by: 10) {
            Self.watch(&clock, second...second)
            let now = clock.now(elapsed: .seconds(second))
            #expect(now == nil)
        }
        Self.watch(&clock, 60...60)
        let now = clock.now(elapsed: .seconds(60))
        #expect(now == Self.start + 60_000_000)
    }

    @Test("a jump ahead is not believed before it has lasted the window", arguments: [14, 59])
    func jumpAhead(seconds: Int) {
        var clock = ClockAgreement(window: .seconds(60))
        Self.watch(&clock, 0...100)
        for second in 101...(100 + seconds) {
            Self.watch(&clock, second...second, ahead: 400 * Self.day)
            let now = clock.now(elapsed: .seconds(second))
            #expect(now == Self.start + Int64(second) * 1_000_000)
        }
        Self.watch(&clock, 170...300, ahead: 400 * Self.day)
        let now = clock.now(elapsed: .seconds(300))
        #expect(now == Self.start + 300_000_000 + 400 * Self.day)
    }

    @Test(
        "a process that lives in nothing but the jump does not believe it either, if it lives for less than the window"
    )
    func jumpFromTheStart() {
        var clock = ClockAgreement(window: .seconds(60))
        Self.watch(&clock, 0...50, ahead: 400 * Self.day)
        let now = clock.now(elapsed: .seconds(50))
        #expect(now == nil)
        Self.watch(&clock, 51...70)
        let later = clock.now(elapsed: .seconds(70))
        #expect(later == Self.start + 70_000_000)
    }

    @Test("one back is believed at once: nothing is dropped by it")
    func jumpBack() {
        var clock = ClockAgreement(window: .seconds(60))
        Self.watch(&clock, 0...100)
        Self.watch(&clock, 110...110, ahead: -Self.day)
        let now = clock.now(elapsed: .seconds(110))
        #expect(now == Self.start + 110_000_000 - Self.day)
    }

    @Test("memory is bounded by the window")
    func bounded() {
        var clock = ClockAgreement(window: .seconds(60))
        Self.watch(&clock, 0...100_000)
        #expect(Mirror(reflecting: clock).descendant("samples").flatMap { ($0 as? [Any])?.count } ?? .max <= 8)
    }
}

@Suite("How old segments are")
struct SegmentAgesTests {
    private static func text(_ hour: Int) -> String {
        UTCText.format(microseconds: 1_795_000_000_000_000 + Int64(hour) * 3_600_000_000)
    }

    /// At hour 100, with ten hours kept.
    private static func answers(begin: Int, _ opened: [Int]) -> [Bool?] {
        let plan = RetentionPlan(
            limits: RetentionLimits(age: .seconds(36_000)),
            now: 1_795_000_000_000_000 + 100 * 3_600_000_000
        )
        var ages = plan.ages(from: self.text(begin))
        return opened.map { ages.isTooOld(ended: self.text($0)) }
    }

    @Test("the next one's beginning tells: no line is younger")
    func plain() {
        #expect(Self.answers(begin: 0, [50, 89, 90, 91, 99]) == [true, true, true, false, false])
    }

    @Test("a time from the future says nothing, wherever it stands")
    func future() {
        #expect(Self.answers(begin: 9000, [9001, 9002, 80, 95]) == [nil, nil, true, false])
    }

    @Test("what was begun when the clock had jumped back is no older than what was begun before it")
    func past() {
        #expect(Self.answers(begin: 95, [-8000, -8000, 96]) == [false, false, false])
    }
}
