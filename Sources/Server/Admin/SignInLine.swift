import DequeModule
import Web

/// Decides whose password counts next: ten wrong ones a second, and the addresses that they come from in turn.
///
/// It owns no clock and waits for nothing: ``AdminSessions`` does. A stranger who guesses on any number of connections
/// fills the line of his own address, and delays others by one check; from the admin's own address (behind a proxy,
/// everybody's) a line of ``waitersPerAddress`` is ahead at most, which takes some seconds. A right password costs no time.
struct SignInLine: Sendable {
    /// Somebody who waits for a turn.
    struct Ticket: Hashable, Sendable {
        fileprivate let number: UInt64
        fileprivate let origin: Origin
    }

    enum Admission: Equatable {
        /// Check the password now.
        case check
        /// Wait; whoever has the other ticket is to wait no longer, and to be sent away.
        case wait(Ticket, insteadOf: Ticket?)
        /// Too many wait.
        case refuse
    }

    enum Turn: Equatable {
        /// It is this one's turn.
        case check(Ticket)
        /// The next one's turn comes at this time, in milliseconds since 1970.
        case wait(until: Int64)
        /// Nobody waits.
        case nobody
    }

    /// Where attempts come from: an IPv4 address, or the 64 bits of an IPv6 address that name a network, since whoever has
    /// one such address has them all.
    fileprivate struct Origin: Hashable {
        let bits: UInt128?

        init(_ address: IPAddress?) {
            self.bits = address.map { $0.isVersion4 ? $0.bits : ($0.bits >> 64) << 64 }
        }
    }

    static let millisecondsPerGuess: Int64 = 100
    static let waitersPerAddress = 64
    private let capacity: Int
    private var lines: [Origin: Deque<Ticket>] = [:]
    /// The addresses with somebody who waits, the next one first.
    private var order: Deque<Origin> = []
    private(set) var count = 0
    private var closedUntil = Int64.min
    private var lastNumber: UInt64 = 0

    init(capacity: Int = 1024) {
        self.capacity = capacity
    }

    /// Somebody comes with a password; `now` is in milliseconds since 1970.
    mutating func arrive(from address: IPAddress?, now: Int64) -> Admission {
        if self.count == 0, !self.isClosed(at: now) { return .check }
        let origin = Origin(address)
        let length = self.lines[origin]?.count ?? 0
        guard length < Self.waitersPerAddress else { return .refuse }
        var replaced: Ticket?
        if self.count >= self.capacity {
            // The place of the last one in the longest line, so that nobody can fill all places.
            guard let longest = self.lines.max(by: { $0.value.count < $1.value.count }),
                longest.value.count > length + 1,
                let last = longest.value.last
            else { return .refuse }
            self.leave(last)
            replaced = last
        }
        self.lastNumber += 1
        let ticket = Ticket(number: self.lastNumber, origin: origin)
        if length == 0 { self.order.append(origin) }
        self.lines[origin, default: []].append(ticket)
        self.count += 1
        return .wait(ticket, insteadOf: replaced)
    }

    /// Takes the one whose turn it is out of the line.
    mutating func next(now: Int64) -> Turn {
        guard let origin = self.order.first, let ticket = self.lines[origin]?.first else { return .nobody }
        guard !self.isClosed(at: now) else { return .wait(until: self.closedUntil) }
        self.leave(ticket)
        if self.lines[origin] != nil { self.order.append(self.order.removeFirst()) }
        return .check(ticket)
    }

    /// Gives up waiting.
    mutating func leave(_ ticket: Ticket) {
        guard let place = self.lines[ticket.origin]?.firstIndex(of: ticket) else { return }
        self.lines[ticket.origin]?.remove(at: place)
        self.count -= 1
        if self.lines[ticket.origin]?.isEmpty == true {
            self.lines[ticket.origin] = nil
            self.order.removeAll { $0 == ticket.origin }
        }
    }

    /// Notes a wrong password.
    mutating func failed(now: Int64) {
        self.closedUntil = now + Self.millisecondsPerGuess
    }

    /// A time further away than one guess was set before the clock went back, and does not count.
    private func isClosed(at now: Int64) -> Bool {
        self.closedUntil > now && self.closedUntil - now <= Self.millisecondsPerGuess
    }
}
