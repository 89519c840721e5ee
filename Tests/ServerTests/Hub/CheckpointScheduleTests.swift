import Server
import Testing

@testable import Hub

@Suite("The checkpoint schedule")
struct CheckpointScheduleTests {
    @Test("is due after 10,000 events, and not before")
    func byCount() {
        let schedule = CheckpointSchedule(size: 100, now: .zero)
        #expect(!schedule.isDue(size: 10_099, now: .seconds(1)))
        #expect(schedule.isDue(size: 10_100, now: .seconds(1)))
    }

    @Test("is due after a minute with news")
    func byTime() {
        let schedule = CheckpointSchedule(size: 100, now: .zero)
        #expect(!schedule.isDue(size: 101, now: .seconds(59)))
        #expect(schedule.isDue(size: 101, now: .seconds(60)))
    }

    @Test("is due at the next event when it was hastened, once")
    func hastened() {
        var schedule = CheckpointSchedule(size: 100, now: .zero)
        schedule.hasten()
        #expect(!schedule.isDue(size: 100, now: .zero))
        #expect(schedule.isDue(size: 101, now: .zero))
        schedule.checkpointed(size: 101, now: .zero)
        #expect(!schedule.isDue(size: 103, now: .zero))
    }

    @Test("a quiet log gets no further checkpoints: a checkpoint's own line is no news")
    func quiet() {
        var schedule = CheckpointSchedule(size: 100, now: .zero)
        schedule.checkpointed(size: 150, now: .seconds(60))
        #expect(!schedule.isDue(size: 151, now: .seconds(3600)))
        #expect(schedule.isDue(size: 152, now: .seconds(3600)))
    }
}
