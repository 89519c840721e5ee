import LogValues
import NIOCore
import Projections
import Testing

@testable import FanOut
@testable import Hub

@Suite("Frames that are gathered")
struct FrameGatheringTests {
    @Test("those who did not take what was written to them are sent to after all others")
    func slowOnesComeLast() {
        let fixture = ShardFixture()
        var table = SeatTable()
        // Descriptors that are none: whom was tried to send to shows in who did not take it.
        let seats = (0..<UInt64(4)).map { number in
            let listener = Listener(
                connection: ShardFixture.connection(number),
                ticket: AttachmentTicket(shard: 0, number: number),
                user: ShardUser(name: UserName("ann")),
                transport: .socket(WebSocketHandler(purpose: .listen, shard: fixture.shard)),
                receipt: Receipt(.start)
            )
            let seat = table.seat(listener)
            table.set(seat, .direct, descriptor: -1)
            return seat
        }
        table[seats[0]].isSlow = true
        table[seats[2]].isSlow = true
        var gathering = FrameGathering()
        let run = FrameRun(
            audience: Addressing(channel: ChannelName("room"), only: [], except: []),
            bytes: ByteBuffer(string: "frame"),
            first: SequenceNumber(1),
            last: SequenceNumber(1),
            isInLog: true
        )
        gathering.begin(FrameGathering.Piece(run: run, entry: 0))
        for seat in seats { gathering.add(seat, in: &table) }
        let tried = gathering.send(&table).map(\.seat)
        #expect(tried == [seats[1], seats[3], seats[0], seats[2]])
    }
}
