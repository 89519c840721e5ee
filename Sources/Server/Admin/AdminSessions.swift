import Crypto
package import HTTPTypes
import LogValues
import Synchronization
package import Web

/// Who is signed in as the admin: checks passwords, issues cookies, and knows which are void.
///
/// The mutex guards the table of guesses and the signed-out sessions, for a few lines each. Time and chance are handed in.
package final class AdminSessions: Sendable {
    package enum SignIn: Sendable, Equatable {
        /// With the cookie's text.
        case granted(String)
        case wrong
        /// Too many guesses are waiting for their turn already.
        case tooMany
    }

    private struct State: Sendable {
        var line = SignInLine()
        var waiters: [SignInLine.Ticket: Waiter] = [:]
        /// Whether somebody calls out whose turn it is.
        var isCallingOut = false
        var revoked: RevokedSessions
    }

    private struct Waiter: Sendable {
        let isRight: Bool
        let resume: CheckedContinuation<Turn, Never>
    }

    /// The outcome of waiting.
    private enum Turn: Sendable {
        case granted
        case wrong
        case refused

        init(isRight: Bool) {
            self = isRight ? .granted : .wrong
        }
    }

    /// How long a cookie is good, in milliseconds: 12 hours.
    static let lifetime: Int64 = 12 * 3600 * 1000
    /// The time that every failed attempt waits for its answer.
    static let failureDelay = Duration.milliseconds(500)
    static let cookieName = "channelstream_admin"
    /// Browsers send one; more are somebody's try to make us check many signatures.
    private static let maximumCookiesChecked = 4

    private let signer: AdminCookieSigner
    private let credentials: Credentials
    private let now: @Sendable () -> Int64
    private let sleep: @Sendable (Duration) async -> Void
    private let randomWord: @Sendable () -> UInt64
    private let keep: @Sendable (@escaping @Sendable () -> RevokedSessions) async -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - user: The account's name.
    ///   - password: The account's password.
    ///   - cookieSecret: Empty for a random one.
    ///   - now: Milliseconds since 1970.
    ///   - sleep: Returns after that time, or sooner when the task is cancelled.
    ///   - randomWord: From a source fit for secrets.
    ///   - revoked: The sessions that were signed out before the last restart.
    ///   - keep: Keeps over a restart what the closure says, whenever somebody has signed out.
    init(
        user: String,
        password: Secret,
        cookieSecret: Secret,
        now: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) },
        randomWord: @escaping @Sendable () -> UInt64 = {
            var generator = SystemRandomNumberGenerator()
            return generator.next()
        },
        revoked: RevokedSessions = RevokedSessions(),
        keep: @escaping @Sendable (@escaping @Sendable () -> RevokedSessions) async -> Void = { _ in }
    ) {
        var secret = Array(cookieSecret.revealed.utf8)
        if secret.isEmpty {
            for _ in 0..<4 {
                let word = randomWord()
                secret.append(upTo: 8) { $0.append(bigEndian: word) }
            }
        }
        self.signer = AdminCookieSigner(cookieSecret: secret, user: user, password: password.revealed)
        self.credentials = Credentials(user: user, password: password.revealed)
        self.now = now
        self.sleep = sleep
        self.randomWord = randomWord
        self.keep = keep
        self.state = Mutex(State(revoked: revoked))
    }

    // MARK: Signing in and out

    /// Checks a password, in turn with others who sign in: see ``SignInLine``; failures take half a second or more.
    ///
    /// - Parameters:
    ///   - user: As it was typed.
    ///   - password: As it was typed.
    ///   - address: Where the attempt comes from; nil for a local socket.
    /// - Returns: A cookie, or why there is none.
    package func signIn(user: String, password: String, from address: IPAddress?) async -> SignIn {
        // Looked at at once, and told when it is this attempt's turn.
        let isRight = self.credentials.match(user: user, password: password)
        switch await self.turn(isRight: isRight, from: address) {
        case .granted: return .granted(self.makeCookie())
        case .wrong:
            await self.sleep(Self.failureDelay)
            return .wrong
        case .refused:
            await self.sleep(Self.failureDelay)
            return .tooMany
        }
    }

    /// Voids the cookies that a request carries.
    package func signOut(_ headers: HTTPFields) async {
        let now = self.now()
        let cookies = self.cookies(in: headers, now: now)
        guard !cookies.isEmpty else { return }
        self.state.withLock { state in
            for cookie in cookies { state.revoked.insert(cookie, now: now) }
        }
        await self.keep { self.state.withLock { $0.revoked } }
    }

    /// Whether a request carries a good cookie.
    package func isSignedIn(_ headers: HTTPFields) -> Bool {
        let cookies = self.cookies(in: headers, now: self.now())
        return self.state.withLock { state in
            cookies.contains { !state.revoked.contains($0) }
        }
    }

    // MARK: Guesses

    private func turn(isRight: Bool, from address: IPAddress?) async -> Turn {
        // A client that goes away keeps its place, so that going away and coming back gains nothing.
        await withCheckedContinuation { continuation in
            let (turn, sentAway) = self.state.withLock { state -> (Turn?, Waiter?) in
                let now = self.now()
                switch state.line.arrive(from: address, now: now) {
                case .check:
                    if !isRight { state.line.failed(now: now) }
                    return (Turn(isRight: isRight), nil)
                case .wait(let ticket, let replaced):
                    state.waiters[ticket] = Waiter(isRight: isRight, resume: continuation)
                    return (nil, replaced.flatMap { state.waiters.removeValue(forKey: $0) })
                case .refuse:
                    return (.refused, nil)
                }
            }
            sentAway?.resume.resume(returning: .refused)
            if let turn { continuation.resume(returning: turn) } else { self.beginCallingOut() }
        }
    }

    /// One task, while somebody waits, tells each of them when it is his turn.
    private func beginCallingOut() {
        guard !self.state.withLock({ exchange(&$0.isCallingOut, with: true) }) else { return }
        Task {
            while let pause = self.callOut() { await self.sleep(.milliseconds(max(1, pause))) }
        }
    }

    /// Tells those whose turn it is.
    ///
    /// - Returns: Milliseconds until the next one's turn; nil if nobody waits.
    private func callOut() -> Int64? {
        while true {
            let step = self.state.withLock { state -> (waiter: Waiter?, pause: Int64?, isLast: Bool) in
                let now = self.now()
                switch state.line.next(now: now) {
                case .nobody:
                    state.isCallingOut = false
                    return (nil, nil, true)
                case .wait(let time):
                    return (nil, time - now, true)
                case .check(let ticket):
                    let waiter = state.waiters.removeValue(forKey: ticket)
                    if waiter?.isRight != true { state.line.failed(now: now) }
                    return (waiter, nil, false)
                }
            }
            step.waiter.map { $0.resume.resume(returning: Turn(isRight: $0.isRight)) }
            if step.isLast { return step.pause }
        }
    }

    // MARK: Cookies

    private func makeCookie() -> String {
        let now = self.now()
        let session = AdminSessionID(high: self.randomWord(), low: self.randomWord())
        return self.signer.text(of: AdminCookie(issued: now, expires: now + Self.lifetime, session: session))
    }

    /// The cookies with a right signature that have not expired.
    private func cookies(in headers: HTTPFields, now: Int64) -> [AdminCookie] {
        let start = "\(Self.cookieName)="
        var cookies: [AdminCookie] = []
        var left = Self.maximumCookiesChecked
        for part in (headers[.cookie] ?? "").split(separator: ";") where left > 0 {
            let part = SettingText.trimmed(part)
            guard part.hasPrefix(start) else { continue }
            left -= 1
            if let cookie = self.signer.cookie(from: String(part.dropFirst(start.count))), now < cookie.expires {
                cookies.append(cookie)
            }
        }
        return cookies
    }
}

/// The admin account, compared without telling by the time taken how much of a guess was right.
private struct Credentials: Sendable {
    private let key = SymmetricKey(size: .bits256)
    private let user: [UInt8]
    private let password: [UInt8]

    init(user: String, password: String) {
        self.user = Self.code(of: user, key: self.key)
        self.password = Self.code(of: password, key: self.key)
    }

    func match(user: String, password: String) -> Bool {
        let isUser = Self.isEqual(self.user, user, key: self.key)
        let isPassword = Self.isEqual(self.password, password, key: self.key)
        // Both are looked at before either counts.
        return isUser && isPassword
    }

    private static func code(of text: String, key: SymmetricKey) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
    }

    private static func isEqual(_ code: [UInt8], _ text: String, key: SymmetricKey) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Array(text.utf8), using: key)
    }
}
