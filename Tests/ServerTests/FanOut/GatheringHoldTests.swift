import NIOCore
import Testing

@testable import Server

@Suite("How long frames wait for others")
struct GatheringHoldTests {
    @Test("while the loop has time to spare nothing waits")
    func idle() {
        var loop = WatchedLoop()
        loop.pass(.seconds(1), percent: 30)
        #expect(loop.hold.patience == .zero)
        #expect(loop.wait() == nil)
    }

    @Test("a loop that is busy for longer waits longer, up to a limit, and a little less idle one stays as it is")
    func busy() {
        var loop = WatchedLoop()
        var patiences: [TimeAmount] = []
        for _ in 0..<6 {
            loop.pass(.milliseconds(10), percent: 90)
            patiences.append(loop.hold.patience)
        }
        #expect(patiences.prefix(4) == [.milliseconds(5), .milliseconds(10), .milliseconds(20), .milliseconds(40)])
        #expect(patiences.last == GatheringHold.longest)
        loop.pass(.milliseconds(500), percent: 50)
        #expect(loop.hold.patience == GatheringHold.longest)
    }

    @Test("a loop that becomes idle is back at once within a tenth of a second")
    func relaxes() {
        var loop = WatchedLoop(patience: GatheringHold.longest)
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
        var loop = WatchedLoop(patience: .milliseconds(20))
        #expect(loop.wait(isForBusySockets: false) == nil)
        #expect(loop.wait(largestShare: 1_000_000) == nil)
        loop.hold.end()
        #expect(loop.wait() == .milliseconds(20))
        loop.pass(.milliseconds(5), percent: 50)
        // Others that come meanwhile wait with them.
        #expect(loop.wait(isForBusySockets: false) == .milliseconds(15))
        loop.pass(.milliseconds(15), percent: 50)
        #expect(loop.wait() == nil)
        loop.hold.end()
        #expect(loop.wait() == .milliseconds(20))
    }
}

/// A loop whose clock and work the test moves.
private struct WatchedLoop {
    private var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private var worked = TimeAmount.zero
    private(set) var readings = 0
    var hold: GatheringHold

    init(patience: TimeAmount = .zero) {
        self.hold = GatheringHold(now: self.now, busyTime: .zero, patience: patience)
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
