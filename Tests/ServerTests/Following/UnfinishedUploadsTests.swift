import NIOCore
import Projections
import Testing

@testable import Following

@Suite("Uploads in parts")
struct UnfinishedUploadsTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000)
    private static let node = NodeName("two")

    private static func bytes(_ count: Int, _ byte: UInt8 = 7) -> ByteBuffer {
        ByteBuffer(repeating: byte, count: count)
    }

    @Test("parts in their order become the whole, and nothing is kept of it")
    func inOrder() {
        var uploads = UnfinishedUploads()
        let outcomes = [(0, 3), (3, 3), (6, 1)].map { offset, count in
            uploads.add(Self.bytes(count, UInt8(offset)), of: Self.node, at: offset, size: 7, now: Self.start)
        }
        #expect(outcomes == [.part, .part, .whole([0, 0, 0, 3, 3, 3, 6])])
        #expect(uploads.isEmpty)
    }

    @Test("a part out of order ends the upload, and so do more bytes than were announced, or another size")
    func outOfOrder() {
        for (offset, count, size) in [(4, 1, 9), (2, 1, 9), (3, 7, 9), (3, 1, 10), (3, 0, 9)] {
            var uploads = UnfinishedUploads()
            let first = uploads.add(Self.bytes(3), of: Self.node, at: 0, size: 9, now: Self.start)
            let second = uploads.add(Self.bytes(count), of: Self.node, at: offset, size: size, now: Self.start)
            #expect(first == .part && second == .outOfOrder && uploads.isEmpty)
        }
        var uploads = UnfinishedUploads()
        let unbegun = uploads.add(Self.bytes(1), of: Self.node, at: 3, size: 9, now: Self.start)
        let longer = uploads.add(Self.bytes(9), of: Self.node, at: 0, size: 3, now: Self.start)
        #expect(unbegun == .outOfOrder && longer == .outOfOrder)
    }

    @Test("a new beginning takes the place of what the node had begun")
    func beginsAnew() {
        var uploads = UnfinishedUploads()
        for byte: UInt8 in [1, 2] {
            let outcome = uploads.add(Self.bytes(2, byte), of: Self.node, at: 0, size: 4, now: Self.start)
            #expect(outcome == .part)
        }
        let outcome = uploads.add(Self.bytes(2, 3), of: Self.node, at: 2, size: 4, now: Self.start)
        #expect(outcome == .whole([2, 2, 3, 3]))
    }

    @Test(
        "together they have a bound, beyond which only one that is alone is taken; what comes in one part needs no room"
    )
    func bounded() {
        var uploads = UnfinishedUploads()
        let size = 2 << 20
        var taken = 0
        for number in 0..<150 {
            let node = NodeName("n\(number)")
            let outcome = uploads.add(Self.bytes(10), of: node, at: 0, size: size, now: Self.start)
            if outcome == .part { taken += 1 } else { #expect(outcome == .noRoom) }
        }
        #expect(taken == UnfinishedUploads.sizeLimit / size)
        let whole = uploads.add(Self.bytes(3), of: Self.node, at: 0, size: 3, now: Self.start)
        #expect(whole == .whole([7, 7, 7]))
        uploads = UnfinishedUploads()
        let limit = UnfinishedUploads.uploadSizeLimit
        let large = uploads.add(Self.bytes(1), of: Self.node, at: 0, size: limit, now: Self.start)
        let second = uploads.add(Self.bytes(1), of: NodeName("n"), at: 0, size: 2, now: Self.start)
        let tooLarge = uploads.add(Self.bytes(1), of: NodeName("n"), at: 0, size: limit + 1, now: Self.start)
        #expect(large == .part && second == .noRoom && tooLarge == .tooLarge)
    }

    @Test("what gets no further part is dropped after a while, and makes room")
    func expires() {
        var uploads = UnfinishedUploads()
        let limit = UnfinishedUploads.sizeLimit
        _ = uploads.add(Self.bytes(1), of: Self.node, at: 0, size: limit, now: Self.start)
        let end = Self.start + UnfinishedUploads.patience
        var next = uploads.expire(now: end - .nanoseconds(1))
        #expect(next == end && !uploads.isEmpty)
        let second = uploads.add(Self.bytes(1), of: NodeName("n"), at: 0, size: limit, now: end)
        #expect(second == .part)
        let late = uploads.add(Self.bytes(1), of: Self.node, at: 1, size: limit, now: end)
        #expect(late == .outOfOrder)
        next = uploads.expire(now: end + UnfinishedUploads.patience)
        #expect(next == nil && uploads.isEmpty)
    }
}
