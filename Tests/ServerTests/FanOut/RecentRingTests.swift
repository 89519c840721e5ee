import LogValues
import NIOCore
import Projections
import Testing

@testable import FanOut

@Suite("The ring of recent frames")
struct RecentRingTests {
    static func entry(_ position: UInt64, size: Int = 64, last: UInt64 = 1, isInLog: Bool = true) -> RecentRing.Entry {
        RecentRing.Entry(
            channel: nil,
            run: FrameRun(
                audience: Addressing(channel: nil, only: [], except: []),
                bytes: ByteBuffer(repeating: 0, count: size),
                first: SequenceNumber(position),
                last: SequenceNumber(position + last),
                isInLog: isInLog
            )
        )
    }

    @Test("it holds the newest entries within its size, numbered without gaps")
    func isBounded() {
        var ring = RecentRing(capacity: 1000, asideCapacity: 1000)
        for position in 0..<100 { ring.append(Self.entry(UInt64(position) * 10)) }
        #expect(ring.size <= 1000)
        #expect(ring.end == 100)
        #expect(ring.start == 96)
        for number in ring.start..<ring.end { #expect(ring[number].first == SequenceNumber(number * 10)) }
        #expect(ring.droppedThrough == SequenceNumber(951))
    }

    @Test("an entry beyond its size stays until the next one")
    func keepsOne() {
        var ring = RecentRing(capacity: 1000, asideCapacity: 1000)
        ring.append(Self.entry(1, size: 5000))
        #expect(ring.end - ring.start == 1)
        ring.append(Self.entry(10))
        #expect(ring.start == 1)
        #expect(ring.size < 1000)
    }

    @Test("an event is dropped whole, also one whose frames are several entries")
    func dropsEventsWhole() {
        var ring = RecentRing(capacity: 1000, asideCapacity: 1 << 20)
        for position in 0..<100 {
            for _ in 0..<3 { ring.append(Self.entry(UInt64(position) * 10, last: 0, isInLog: false)) }
            #expect(ring.start % 3 == 0)
            #expect(ring.start == 0 || ring.droppedThrough < ring[ring.start].first)
        }
        #expect(ring.size <= 1000)
        #expect(ring.asides(after: .start, through: ring.droppedThrough).count == Int(ring.start) - 3)
    }

    @Test("what the log cannot tell of is put aside when it is dropped, within bounds of its own")
    func putsAside() {
        var ring = RecentRing(capacity: 1000, asideCapacity: 1000)
        for position in 0..<100 { ring.append(Self.entry(UInt64(position) * 10, isInLog: position % 3 == 0)) }
        let asides = ring.asides(after: .start, through: ring.droppedThrough)
        #expect(asides.map(\.number) == [91, 92, 94, 95])
        #expect(asides.map(\.entry.first) == [910, 920, 940, 950].map(SequenceNumber.init))
        #expect(ring.asidesDroppedThrough == SequenceNumber(891))
        #expect(ring.asides(after: SequenceNumber(915), through: SequenceNumber(945)).map(\.number) == [92, 94])
    }

    @Test("emptied, it goes on with the next number, and says up to where it cannot tell")
    func emptied() {
        var ring = RecentRing(capacity: 1000, asideCapacity: 1000)
        for position in 0..<100 { ring.append(Self.entry(UInt64(position) * 10, isInLog: position % 3 == 0)) }
        ring.removeAll()
        #expect(ring.size == 0)
        #expect(ring.start == 100)
        #expect(ring.end == 100)
        #expect(ring.droppedThrough == SequenceNumber(991))
        #expect(ring.asidesDroppedThrough == SequenceNumber(981))
        #expect(ring.asides(after: .start, through: SequenceNumber(1000)).isEmpty)
        #expect(ring.append(Self.entry(1000, isInLog: true)) == 100)
        ring.removeAll()
        ring.removeAll()
        #expect(ring.start == 101)
        #expect(ring.asidesDroppedThrough == SequenceNumber(981), "the log can tell of what came since")
    }
}
