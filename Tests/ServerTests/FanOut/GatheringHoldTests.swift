import NIOCore
import Testing

@testable import FanOut

@Suite("How long frames wait for others")
struct GatheringHoldTests {
    @Test("while the loop has time to spare nothing waits")
    func idle() {
        var loop = WatchedLoop()
        loop.pass(.seconds(1), percent: 30)
        #expect(loop.hold.patience == .zero)
        #expect(loop.wait() == nil)
    }

    @Test("the more of its time a loop works, the longer frames wait, up to a limit")
    func busy() {
        var loop = WatchedLoop()
        var patiences: [TimeAmount] = []
        for percent in [30, 40, 50, 60, 100] as [Int64] {
            loop.pass(.milliseconds(500), percent: percent)
            patiences.append(loop.hold.patience)
        }
        #expect(patiences == patiences.sorted())
        #expect(patiences.first == .zero)
        #expect(patiences.suffix(2) == [WatchedLoop.longest, WatchedLoop.longest])
        #expect((.milliseconds(13) ..< .milliseconds(14)).contains(patiences[1]))
    }

    @Test("a burst of a few milliseconds changes little, one that lasts changes it within a tenth of a second")
    func smoothes() {
        var loop = WatchedLoop()
        loop.pass(.milliseconds(10), percent: 100)
        #expect(loop.hold.patience == .zero)
        for _ in 0..<9 { loop.pass(.milliseconds(10), percent: 100) }
        #expect(loop.hold.patience == WatchedLoop.longest)
        for _ in 0..<10 { loop.pass(.milliseconds(10), percent: 20) }
        #expect(loop.hold.patience == .zero)
    }

    @Test("the clock of its work is read once in a while, not every round")
    func measuresSeldom() {
        var loop = WatchedLoop()
        for _ in 0..<99 { loop.pass(.microseconds(100), percent: 100) }
        #expect(loop.readings == 0)
        for _ in 0..<101 { loop.pass(.microseconds(100), percent: 100) }
        #expect(loop.readings == 2)
    }

    @Test("only frames of busy sockets wait, not too many bytes of them, and not past their time")
    func bounds() {
        var loop = WatchedLoop(load: 1)
        #expect(loop.wait(isForBusySockets: false) == nil)
        #expect(loop.wait(largestShare: 1_000_000) == nil)
        loop.hold.end()
        #expect(loop.wait() == .milliseconds(40))
        loop.pass(.milliseconds(15), percent: 100)
        // Others that come meanwhile wait with them.
        #expect(loop.wait(isForBusySockets: false) == .milliseconds(25))
        loop.pass(.milliseconds(25), percent: 100)
        #expect(loop.wait() == nil)
        loop.hold.end()
        #expect(loop.wait() == .milliseconds(40))
    }
}

/// A loop whose clock and work the test moves.
private struct WatchedLoop {
    static let longest = TimeAmount.milliseconds(40)
    private var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private var worked = TimeAmount.zero
    private(set) var readings = 0
    var hold: GatheringHold

    init(load: Double = 0) {
        self.hold = GatheringHold(longest: Self.longest, now: self.now, busyTime: .zero, load: load)
    }

    mutating func pass(_ time: TimeAmount, percent: Int64) {
        self.now = self.now + time
        self.worked = self.worked + .nanoseconds(time.nanoseconds * percent / 100)
        var isRead = false
        self.hold.measure(now: self.now) {
            isRead = true
            return self.worked
        }
        if isRead { self.readings += 1 }
    }

    /// - Returns: How long what is gathered waits from now on; nil if it does not.
    mutating func wait(isForBusySockets: Bool = true, largestShare: Int = 1000) -> TimeAmount? {
        self.hold.due(isForBusySockets: isForBusySockets, largestShare: largestShare, now: self.now).map {
            $0 - self.now
        }
    }
}
