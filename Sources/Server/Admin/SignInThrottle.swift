/// Lets one wrong password a second through for each account.
///
/// It decides; ``AdminSessions`` holds the clock and waits. After a wrong guess the account is closed for a second, and
/// those who come meanwhile wait, since one of them may be the admin: a right password costs nothing, and opens the
/// account for the others at once. At most ``waitersPerAccount`` wait; more are sent away.
struct SignInThrottle: Sendable {
    enum Admission: Equatable {
        /// Check the password now.
        case check
        /// Come back at this time, in milliseconds since 1970, with ``Account`` kept.
        case wait(until: Int64)
        /// Too many are waiting.
        case refuse
    }

    /// A name that somebody wants to sign in as; most of them do not exist.
    enum Account: Hashable {
        case name(String)
        /// All names that found no place in the table, together.
        case others
    }

    private struct State {
        var closedUntil = Int64.min
        var waiters = 0

        /// A time further away than one guess was set before the clock went back, and does not count.
        func isClosed(at now: Int64) -> Bool {
            self.closedUntil > now && self.closedUntil - now <= SignInThrottle.millisecondsPerGuess
        }
    }

    static let millisecondsPerGuess: Int64 = 1000
    static let waitersPerAccount = 8
    private static let maximumNameSize = 128
    private let capacity: Int
    private var states: [Account: State] = [:]

    init(capacity: Int = 1024) {
        self.capacity = capacity
    }

    /// The account to use for a name from now on, with a place in the table if there is one.
    mutating func account(named name: String, now: Int64) -> Account {
        let account = Account.name(name)
        if self.states[account] != nil { return account }
        guard name.utf8.count <= Self.maximumNameSize else { return .others }
        if self.states.count >= self.capacity {
            self.states = self.states.filter { $0.value.waiters > 0 || $0.value.isClosed(at: now) }
        }
        guard self.states.count < self.capacity else { return .others }
        self.states[account] = State()
        return account
    }

    /// Asks for a turn, the first time.
    mutating func arrive(_ account: Account, now: Int64) -> Admission {
        var state = self.states[account] ?? State()
        guard state.isClosed(at: now) else { return .check }
        guard state.waiters < Self.waitersPerAccount else { return .refuse }
        state.waiters += 1
        self.states[account] = state
        return .wait(until: state.closedUntil)
    }

    /// Asks again, after having waited; `.check` ends the waiting.
    mutating func comeBack(_ account: Account, now: Int64) -> Admission {
        guard var state = self.states[account] else { return .check }
        if state.isClosed(at: now) { return .wait(until: state.closedUntil) }
        state.waiters = max(0, state.waiters - 1)
        self.states[account] = state
        return .check
    }

    /// Gives up waiting.
    mutating func leave(_ account: Account) {
        guard var state = self.states[account] else { return }
        state.waiters = max(0, state.waiters - 1)
        self.states[account] = state
    }

    /// Notes a wrong password.
    mutating func failed(_ account: Account, now: Int64) {
        self.states[account, default: State()].closedUntil = now + Self.millisecondsPerGuess
    }
}
