import Server
import Testing

@testable import Hub

@Suite("The expiry clock")
struct ExpiryClockTests {
    @Test("ends what was silent for the whole timeout, in the order of the last signs")
    func endsTheSilent() {
        var clock = ExpiryClock<String>(timeout: .seconds(15))
        clock.touch("first", now: .seconds(1))
        clock.touch("second", now: .seconds(2))
        clock.touch("third", now: .seconds(9))
        #expect(clock.expired(now: .seconds(15)) == [])
        #expect(clock.expired(now: .seconds(17)) == ["first", "second"])
        #expect(clock.expired(now: .seconds(24)) == ["third"])
    }

    @Test("a later sign of life starts the time anew")
    func renewsTheTime() {
        var clock = ExpiryClock<String>(timeout: .seconds(15))
        clock.touch("a", now: .seconds(0))
        clock.touch("a", now: .seconds(10))
        #expect(clock.expired(now: .seconds(15)) == [])
        #expect(clock.expired(now: .seconds(25)) == ["a"])
    }

    @Test("what is forgotten never ends, and may come back")
    func forgets() {
        var clock = ExpiryClock<String>(timeout: .seconds(15))
        clock.touch("a", now: .seconds(0))
        clock.forget("a")
        #expect(clock.expired(now: .seconds(100)) == [])
        clock.touch("a", now: .seconds(100))
        #expect(clock.expired(now: .seconds(115)) == ["a"])
    }

    @Test("something ends once")
    func endsOnce() {
        var clock = ExpiryClock<String>(timeout: .seconds(15))
        clock.touch("a", now: .seconds(0))
        #expect(clock.expired(now: .seconds(15)) == ["a"])
        #expect(clock.expired(now: .seconds(99)) == [])
    }
}
