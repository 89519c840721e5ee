import LogValues
import NIOCore
import Projections
import Web

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The frames of one round, or of several under load, gathered by socket, so that each socket gets all of its own in one
/// write.
///
/// Every run of frames is copied once behind the others, as a piece; what a socket is to get is a chain of links to
/// pieces, and neighbours leave as one part. So any number of frames costs a socket one call, and a frame that thousands
/// get is never touched again by anybody but the kernel. How long what is gathered waits is for ``GatheringHold`` to say.
struct FrameGathering {
    struct Piece {
        let run: FrameRun
        /// In the shard's ring.
        let entry: UInt64

        /// Frames, encoded.
        var bytes: ByteBuffer { self.run.bytes }
        /// The event of its first frame.
        var first: SequenceNumber { self.run.first }
        var last: SequenceNumber { self.run.last }
    }

    /// A socket that did not take everything.
    struct Shortfall {
        let seat: Int32
        /// In bytes; ``DirectOutput/failure`` where the socket is broken.
        let sent: Int
        fileprivate let firstLink: Int32
    }

    /// Where a piece lies in `bytes`; apart from the piece, so that sending copies no reference.
    private struct Place {
        let offset: Int
        let size: Int
        let last: SequenceNumber
    }

    private struct Link {
        let piece: Int32
        var next: Int32 = -1
        /// The size of the chain up to here, in bytes.
        let size: UInt32
    }

    /// Beyond so many bytes for one socket what is gathered is sent before more is added: more does not fit its buffer
    /// anyway.
    private static let socketCapacity = 256 * 1024
    /// The same for all sockets, each piece counted once: what a loop sets aside for gathering.
    private static let capacity = 4 * 1024 * 1024

    private var pieces: ContiguousArray<Piece> = []
    private var places: ContiguousArray<Place> = []
    private var links: ContiguousArray<Link> = []
    /// Whoever gets something, in the order of their first frames; those who are slow apart, for they come last.
    private var seats: ContiguousArray<Int32> = []
    private var slowSeats: ContiguousArray<Int32> = []
    private var bytes: [UInt8] = []
    /// The size of the current piece, in bytes.
    private var pieceSize = 0
    /// Milliseconds, of which a seat remembers those of its last frame.
    private var clock: UInt16 = 0
    /// Links for sockets that had another frame just before.
    private var busyCount = 0
    /// The size of the largest chain, in bytes.
    private(set) var largestShare = 0

    var isEmpty: Bool { self.pieces.isEmpty }
    /// The event of the first frame that is gathered.
    var firstPosition: SequenceNumber? { self.pieces.first?.first }
    /// In bytes, each piece counted once.
    var size: Int { self.bytes.count }
    var isFull: Bool { self.largestShare >= Self.socketCapacity || self.size >= Self.capacity }
    /// Whether most of what is gathered is for sockets that get frames in quick succession.
    var isForBusySockets: Bool { self.busyCount * 2 > self.links.count }

    /// Begins a round.
    mutating func beginRound(now: NIODeadline) {
        self.clock = UInt16(truncatingIfNeeded: now.uptimeNanoseconds / 1_000_000)
    }

    // MARK: Gathering

    /// Begins with a piece, which the next calls of `add` are about.
    mutating func begin(_ piece: Piece) {
        self.pieceSize = piece.bytes.readableBytes
        self.places.append(Place(offset: self.bytes.count, size: self.pieceSize, last: piece.last))
        self.bytes.append(contentsOf: piece.bytes.readableBytesUInt8Span)
        self.pieces.append(piece)
    }

    /// Adds the current piece for all members that take frames directly.
    ///
    /// - Returns: The seats of those who have to be asked.
    mutating func add(_ members: ContiguousArray<ShardChannel.Member>, in table: inout SeatTable) -> [Int32] {
        var others: [Int32] = []
        table.withSeats { seats in
            for member in members {
                switch seats[Int(member.seat)].standing {
                case .direct: self.link(&seats[Int(member.seat)], member.seat)
                case .indirect: others.append(member.seat)
                case .passedBy, .vacant: break
                }
            }
        }
        return others
    }

    /// Adds the current piece for one who takes frames directly.
    mutating func add(_ number: Int32, in table: inout SeatTable) {
        self.link(&table[number], number)
    }

    @inline(__always)
    private mutating func link(_ seat: inout SeatTable.Seat, _ number: Int32) {
        let link = Int32(truncatingIfNeeded: self.links.count)
        var size = self.pieceSize
        if seat.firstLink < 0 {
            seat.firstLink = link
            if seat.isSlow { self.slowSeats.append(number) } else { self.seats.append(number) }
        } else {
            self.links[Int(seat.lastLink)].next = link
            size += Int(self.links[Int(seat.lastLink)].size)
        }
        self.links.append(
            Link(piece: Int32(truncatingIfNeeded: self.pieces.count - 1), size: UInt32(truncatingIfNeeded: size))
        )
        seat.lastLink = link
        self.largestShare = max(self.largestShare, size)
        // After 65 seconds the clock comes round, and a quiet socket may seem busy, once: nothing depends on one alone.
        if self.clock &- seat.lastFrame <= GatheringHold.busyAge { self.busyCount += 1 }
        seat.lastFrame = self.clock
    }

    // MARK: Sending

    /// Sends everything.
    ///
    /// - Returns: Whom more has to be done for; to be asked for before ``removeAll()``.
    mutating func send(_ table: inout SeatTable) -> [Shortfall] {
        var shortfalls: [Shortfall] = []
        self.send(to: self.seats, in: &table, &shortfalls)
        if !self.slowSeats.isEmpty { self.send(to: self.slowSeats, in: &table, &shortfalls) }
        return shortfalls
    }

    private func send(to numbers: ContiguousArray<Int32>, in table: inout SeatTable, _ shortfalls: inout [Shortfall]) {
        var parts: [Range<Int>] = []
        table.withSeats { seats in
            for number in numbers {
                let first = seats[Int(number)].firstLink
                // Taken out meanwhile.
                guard first >= 0 else { continue }
                let last = self.places[Int(self.links[Int(seats[Int(number)].lastLink)].piece)]
                seats[Int(number)].firstLink = -1
                let size: Int
                let sent: Int
                if self.links[Int(first)].next < 0 {
                    size = last.size
                    let frame = self.bytes.span.extracting(last.offset..<(last.offset + size))
                    sent = DirectOutput.send(frame, to: seats[Int(number)].descriptor)
                } else {
                    (size, sent) = self.sendChain(first, to: seats[Int(number)].descriptor, &parts)
                }
                if sent == size {
                    seats[Int(number)].lastPosition = last.last
                } else {
                    shortfalls.append(Shortfall(seat: number, sent: sent, firstLink: first))
                }
            }
        }
    }

    /// Sends the pieces of a chain, those that lie side by side as one.
    ///
    /// - Returns: The size of all, and how much of that was taken, in bytes.
    private func sendChain(
        _ first: Int32,
        to descriptor: CInt,
        _ parts: inout [Range<Int>]
    ) -> (size: Int, sent: Int) {
        parts.removeAll(keepingCapacity: true)
        var size = 0
        var link = first
        while link >= 0 {
            let place = self.places[Int(self.links[Int(link)].piece)]
            let end = place.offset + place.size
            if let last = parts.last, last.upperBound == place.offset {
                parts[parts.count - 1] = last.lowerBound..<end
            } else {
                parts.append(place.offset..<end)
            }
            size += place.size
            link = self.links[Int(link)].next
        }
        return (size, self.send(parts, to: descriptor))
    }

    private func send(_ parts: [Range<Int>], to descriptor: CInt) -> Int {
        var sent = 0
        for start in stride(from: 0, to: parts.count, by: DirectOutput.partCount) {
            let call = parts[start..<min(parts.count, start + DirectOutput.partCount)]
            let count = DirectOutput.send(call, of: self.bytes.span, to: descriptor)
            guard count >= 0 else { return count }
            sent += count
            guard count == call.reduce(0, { $0 + $1.count }) else { break }
        }
        return sent
    }

    /// The pieces that a socket was to get which did not take all of them.
    func pieces(of shortfall: Shortfall) -> [Piece] { self.chain(shortfall.firstLink) }

    /// Takes out what is gathered for one.
    mutating func take(_ number: Int32, from table: inout SeatTable) -> [Piece] {
        let first = table[number].firstLink
        table[number].firstLink = -1
        return self.chain(first)
    }

    private func chain(_ first: Int32) -> [Piece] {
        var pieces: [Piece] = []
        var link = first
        while link >= 0 {
            pieces.append(self.pieces[Int(self.links[Int(link)].piece)])
            link = self.links[Int(link)].next
        }
        return pieces
    }

    mutating func removeAll() {
        self.pieces.removeAll(keepingCapacity: self.pieces.count <= 8 * 1024)
        self.places.removeAll(keepingCapacity: self.places.count <= 8 * 1024)
        self.links.removeAll(keepingCapacity: self.links.count <= 64 * 1024)
        self.seats.removeAll(keepingCapacity: self.seats.count <= 64 * 1024)
        self.slowSeats.removeAll(keepingCapacity: self.slowSeats.count <= 64 * 1024)
        // One large frame is no reason to keep as much for good.
        self.bytes.removeAll(keepingCapacity: self.bytes.count <= Self.capacity)
        self.busyCount = 0
        self.largestShare = 0
    }
}
