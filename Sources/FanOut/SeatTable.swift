import LogValues
import NIOCore
import Projections

/// The listeners of a shard as a delivery needs to know them, side by side in memory.
///
/// A delivery to thousands walks numbers and these 24 bytes each, so that no reference is counted and no object is
/// touched for who takes its frames at once; everybody else is looked up by the same number.
struct SeatTable {
    enum Standing: UInt8 {
        case vacant
        /// Nothing waits for this socket: frames go straight to its descriptor.
        case direct
        /// A poll, or a socket to ask first.
        case indirect
        /// Behind: it is known from where, and nothing is sent to it now.
        case passedBy
    }

    struct Seat {
        fileprivate(set) var standing = Standing.vacant
        /// Whether its client did not take all that was written when it was looked at last: then it is sent to after the
        /// others, so that they do not wait for it.
        var isSlow = false
        /// When its last frame came, on the clock of ``FrameGathering``, in milliseconds; kept beside the standing, where
        /// it takes no room.
        var lastFrame: UInt16 = 0
        /// Valid while the standing is ``Standing/direct``.
        fileprivate(set) var descriptor: CInt = -1
        /// The frames that are gathered for it, as a chain in ``FrameGathering``; -1 where there are none.
        var firstLink: Int32 = -1
        var lastLink: Int32 = -1
        /// The event of the last frame that was sent: frames of one event stay together.
        var lastPosition = SequenceNumber.start
    }

    private var seats: ContiguousArray<Seat> = []
    private var listeners: ContiguousArray<Listener?> = []
    private var vacant: [Int32] = []

    /// - Returns: The number of the listener's seat.
    mutating func seat(_ listener: Listener) -> Int32 {
        if let number = self.vacant.popLast() {
            self.listeners[Int(number)] = listener
            return number
        }
        if self.seats.count == self.seats.capacity { self.grow() }
        // As many as there are descriptors, so never near 2^31.
        self.seats.append(Seat())
        self.listeners.append(listener)
        return Int32(truncatingIfNeeded: self.seats.count - 1)
    }

    /// By an eighth, not to twice as much as `append` does by itself: that is 18 bytes less for each of 10,000 listeners.
    private mutating func grow() {
        let capacity = self.seats.count + max(64, self.seats.count / 8)
        self.seats.reserveCapacity(capacity)
        self.listeners.reserveCapacity(capacity)
    }

    mutating func vacate(_ number: Int32) {
        self.seats[Int(number)] = Seat()
        self.listeners[Int(number)] = nil
        self.vacant.append(number)
    }

    /// - Parameters:
    ///   - number: An occupied seat.
    ///   - standing: How it is sent to from now on.
    ///   - descriptor: The socket's, if it takes frames directly.
    mutating func set(_ number: Int32, _ standing: Standing, descriptor: CInt = -1) {
        self.seats[Int(number)].standing = standing
        self.seats[Int(number)].descriptor = descriptor
    }

    func listener(_ number: Int32) -> Listener? { self.listeners[Int(number)] }

    subscript(number: Int32) -> Seat {
        get { self.seats[Int(number)] }
        _modify { yield &self.seats[Int(number)] }
    }

    /// Lends all seats, so that it is looked at once, and not for each, whether they are shared.
    mutating func withSeats<Result>(_ body: (inout MutableSpan<Seat>) -> Result) -> Result {
        var seats = self.seats.mutableSpan
        return body(&seats)
    }
}
