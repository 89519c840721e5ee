import Testing

@testable import Server
@testable import Web

@Suite("How fast passwords can be guessed")
struct SignInLineTests {
    private static let interval = SignInLine.millisecondsPerGuess

    private func address(_ number: Int) throws -> IPAddress {
        try #require(IPAddress("10.0.\(number / 256).\(number % 256)"))
    }

    /// The ticket of one who has to wait.
    private func ticket(_ admission: SignInLine.Admission) throws -> SignInLine.Ticket {
        guard case .wait(let ticket, _) = admission else { throw Missing(admission: admission) }
        return ticket
    }

    private struct Missing: Error { let admission: SignInLine.Admission }

    @Test("after a wrong password everybody waits for a tenth of a second, and nobody after a right one")
    func interval() throws {
        var line = SignInLine()
        #expect(line.arrive(from: nil, now: 0) == .check)
        #expect(line.arrive(from: nil, now: 0) == .check)
        line.failed(now: 0)
        let ticket = try self.ticket(line.arrive(from: nil, now: Self.interval - 1))
        #expect(line.next(now: Self.interval - 1) == .wait(until: Self.interval))
        #expect(line.next(now: Self.interval) == .check(ticket))
        #expect(line.next(now: Self.interval) == .nobody)
        #expect(line.arrive(from: nil, now: Self.interval) == .check)
    }

    @Test("those of one address wait in line, and addresses have their turns one after the other")
    func turns() throws {
        var line = SignInLine()
        line.failed(now: 0)
        let guesser = try self.address(1)
        let guesses = try (0..<40).map { _ in try self.ticket(line.arrive(from: guesser, now: 1)) }
        let admin = try self.ticket(line.arrive(from: self.address(2), now: 1))
        var turns: [SignInLine.Turn] = []
        for _ in 0..<4 { turns.append(line.next(now: Self.interval)) }
        #expect(turns == [.check(guesses[0]), .check(admin), .check(guesses[1]), .check(guesses[2])])
    }

    @Test("whoever comes while others wait does not pass them by")
    func order() throws {
        var line = SignInLine()
        line.failed(now: 0)
        let first = try self.ticket(line.arrive(from: nil, now: 1))
        let second = try self.ticket(line.arrive(from: nil, now: Self.interval))
        #expect(line.next(now: Self.interval) == .check(first))
        #expect(line.next(now: Self.interval) == .check(second))
    }

    @Test("of one address a bounded number waits; more are sent away, and others are not")
    func bound() throws {
        var line = SignInLine()
        line.failed(now: 0)
        let guesser = try self.address(1)
        for _ in 0..<SignInLine.waitersPerAddress { _ = try self.ticket(line.arrive(from: guesser, now: 1)) }
        #expect(line.arrive(from: guesser, now: 1) == .refuse)
        #expect(throws: Never.self) { try self.ticket(line.arrive(from: self.address(2), now: 1)) }
    }

    @Test("when all places are taken, a newcomer gets that of the last one in the longest line")
    func capacity() throws {
        var line = SignInLine(capacity: 4)
        line.failed(now: 0)
        let guesses = try (0..<4).map { _ in try self.ticket(line.arrive(from: self.address(1), now: 1)) }
        guard case .wait(let admin, let replaced?) = line.arrive(from: try self.address(2), now: 1) else {
            Issue.record("the newcomer has no place")
            return
        }
        #expect(replaced == guesses[3])
        #expect(line.count == 4)
        var turns: [SignInLine.Turn] = []
        for _ in 0..<5 { turns.append(line.next(now: Self.interval)) }
        let expected = [guesses[0], admin, guesses[1], guesses[2]].map { SignInLine.Turn.check($0) }
        #expect(turns == expected + [.nobody])
    }

    @Test("when each place is another address's, newcomers are sent away")
    func crowd() throws {
        var line = SignInLine(capacity: 4)
        line.failed(now: 0)
        for number in 0..<4 { _ = try self.ticket(line.arrive(from: self.address(number), now: 1)) }
        #expect(line.arrive(from: try self.address(9), now: 1) == .refuse)
    }

    @Test("addresses of one IPv6 network share a line")
    func networks() throws {
        var line = SignInLine()
        line.failed(now: 0)
        for number in 0..<SignInLine.waitersPerAddress {
            let address = try #require(IPAddress("2001:db8:0:1::\(String(number, radix: 16))"))
            _ = try self.ticket(line.arrive(from: address, now: 1))
        }
        let same = try #require(IPAddress("2001:db8:0:1:ffff::1"))
        #expect(line.arrive(from: same, now: 1) == .refuse)
        let other = try #require(IPAddress("2001:db8:0:2::1"))
        #expect(throws: Never.self) { try self.ticket(line.arrive(from: other, now: 1)) }
    }

    @Test("a clock that goes back holds nobody up")
    func clockGoesBack() {
        var line = SignInLine()
        line.failed(now: 86_400_000)
        #expect(line.arrive(from: nil, now: 0) == .check)
    }
}
