import NIOCore
import Projections
import Testing

@testable import Server

@Suite("The ring of recent frames")
struct RecentRingTests {
    static func entry(_ position: UInt64, size: Int = 64) -> RecentRing.Entry {
        RecentRing.Entry(
            channel: nil,
            audience: Addressing(channel: nil, only: [], except: []),
            bytes: ByteBuffer(repeating: 0, count: size),
            first: Position(position),
            last: Position(position + 1)
        )
    }

    @Test("it holds the newest entries within its size, numbered without gaps")
    func isBounded() {
        var ring = RecentRing(capacity: 1000)
        for position in 0..<100 { ring.append(Self.entry(UInt64(position) * 10)) }
        #expect(ring.size <= 1000)
        #expect(ring.end == 100)
        #expect(ring.start == 96)
        for number in ring.start..<ring.end { #expect(ring[number].first == Position(number * 10)) }
        #expect(ring.droppedThrough == Position(951))
    }

    @Test("an entry beyond its size stays until the next one")
    func keepsOne() {
        var ring = RecentRing(capacity: 1000)
        ring.append(Self.entry(1, size: 5000))
        #expect(ring.end - ring.start == 1)
        ring.append(Self.entry(2))
        #expect(ring.start == 1)
        #expect(ring.size < 1000)
    }

    @Test("emptied, it goes on with the next number, and finds nothing that was in it")
    func emptied() {
        var ring = RecentRing(capacity: 1000)
        for position in 0..<3 { ring.append(Self.entry(UInt64(position) * 10)) }
        ring.removeAll()
        #expect(ring.size == 0)
        #expect(ring.start == 3)
        #expect(ring.end == 3)
        #expect(ring.firstEntry(after: Position(20)) == nil)
        #expect(ring.firstEntry(after: Position(21)) == 3)
        #expect(ring.append(Self.entry(30)) == 3)
        ring.removeAll()
        ring.removeAll()
        #expect(ring.start == 4)
    }

    @Test("an event's successor is found unless it was dropped")
    func findsPositions() {
        var ring = RecentRing(capacity: 1000)
        for position in 0..<100 { ring.append(Self.entry(UInt64(position) * 10)) }
        #expect(ring.firstEntry(after: Position(950)) == nil)
        #expect(ring.firstEntry(after: Position(951)) == 96)
        #expect(ring.firstEntry(after: Position(961)) == 97)
        #expect(ring.firstEntry(after: Position(989)) == 99)
        #expect(ring.firstEntry(after: Position(5000)) == 100)
        #expect(RecentRing(capacity: 10).firstEntry(after: .start) == 0)
    }
}
