import Testing

@testable import Archive

@Suite("When a snapshot is made")
struct SnapshotScheduleTests {
    @Test(
        "after so many events since the newest one",
        arguments: [(0, 999, false), (0, 1000, true), (500, 1499, false), (500, 1500, true)] as [(UInt64, UInt64, Bool)]
    )
    func interval(newest: UInt64, end: UInt64, isDue: Bool) {
        let schedule = SnapshotSchedule(interval: 1000, newest: newest)
        #expect(schedule.isDue(end: end, now: .zero) == isDue)
    }

    @Test("an interval of 0 makes none, at a stop neither")
    func off() {
        let schedule = SnapshotSchedule(interval: 0, newest: 0)
        #expect(!schedule.isDue(end: .max, now: .zero))
        #expect(!schedule.isWorthwhileAtStop(end: .max, now: .zero))
    }

    @Test("at a stop a tenth of the interval is enough, or 100,000 events")
    func atStop() {
        let small = SnapshotSchedule(interval: 1000, newest: 0)
        #expect(!small.isWorthwhileAtStop(end: 100, now: .zero))
        #expect(small.isWorthwhileAtStop(end: 101, now: .zero))
        let large = SnapshotSchedule(interval: 100_000_000, newest: 5)
        #expect(!large.isWorthwhileAtStop(end: 100_004, now: .zero))
        #expect(large.isWorthwhileAtStop(end: 100_005, now: .zero))
    }

    @Test("after a failure nothing is tried for ten minutes")
    func failure() {
        var schedule = SnapshotSchedule(interval: 10, newest: 0)
        schedule.failed(now: .seconds(100))
        #expect(!schedule.isDue(end: 50, now: .seconds(699)))
        #expect(schedule.isDue(end: 50, now: .seconds(700)))
    }

    @Test("a log that does not give what it recorded gets none any more")
    func givenUp() {
        var schedule = SnapshotSchedule(interval: 10, newest: 0)
        schedule.giveUp()
        #expect(!schedule.isDue(end: .max, now: .seconds(1_000_000)))
        #expect(!schedule.isOpen(now: .seconds(1_000_000)))
    }
}
