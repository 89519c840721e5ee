import Crypto
package import HTTPTypes
import Synchronization

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
        var throttle = SignInThrottle()
        var revoked = RevokedSessions()
    }

    /// How long a cookie is good, in milliseconds: 12 hours.
    static let lifetime: Int64 = 12 * 3600 * 1000
    /// What every failed attempt waits before its answer.
    static let failureDelay = Duration.milliseconds(500)
    static let cookieName = "channelstream_admin"
    /// Browsers send one; more are somebody's try to make us check many signatures.
    private static let maximumCookiesChecked = 4

    private let signer: AdminCookieSigner
    private let credentials: Credentials
    private let now: @Sendable () -> Int64
    private let sleep: @Sendable (Duration) async -> Void
    private let randomWord: @Sendable () -> UInt64
    private let state = Mutex(State())

    /// - Parameters:
    ///   - user: The account's name.
    ///   - password: The account's password.
    ///   - cookieSecret: Empty for a random one.
    ///   - now: Milliseconds since 1970.
    ///   - sleep: Returns after that time, or sooner when the task is cancelled.
    ///   - randomWord: From a source fit for secrets.
    package init(
        user: String,
        password: Secret,
        cookieSecret: Secret,
        now: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) },
        randomWord: @escaping @Sendable () -> UInt64 = {
            var generator = SystemRandomNumberGenerator()
            return generator.next()
        }
    ) {
        var secret = Array(cookieSecret.revealed.utf8)
        if secret.isEmpty {
            for _ in 0..<4 { withUnsafeBytes(of: randomWord()) { secret += $0 } }
        }
        self.signer = AdminCookieSigner(cookieSecret: secret, user: user, password: password.revealed)
        self.credentials = Credentials(user: user, password: password.revealed)
        self.now = now
        self.sleep = sleep
        self.randomWord = randomWord
    }

    // MARK: Signing in and out

    /// Checks a password, at most one wrong one a second and account; failures take half a second or more.
    package func signIn(user: String, password: String) async -> SignIn {
        let isRight = self.credentials.match(user: user, password: password)
        let account = self.state.withLock { $0.throttle.account(named: user, now: self.now()) }
        var turn = self.takeTurn(account, isRight: isRight, isWaiting: false)
        while case .wait(let time) = turn {
            await self.sleep(.milliseconds(max(1, time - self.now())))
            turn = self.takeTurn(account, isRight: isRight, isWaiting: true)
        }
        if case .granted = turn { return .granted(self.makeCookie()) }
        await self.sleep(Self.failureDelay)
        return turn == .wrong ? .wrong : .tooMany
    }

    /// Voids the cookies that a request carries.
    package func signOut(_ headers: HTTPFields) {
        let now = self.now()
        let cookies = self.cookies(in: headers, now: now)
        self.state.withLock { state in
            for cookie in cookies { state.revoked.insert(cookie, now: now) }
        }
    }

    /// Whether a request carries a good cookie.
    package func isSignedIn(_ headers: HTTPFields) -> Bool {
        let cookies = self.cookies(in: headers, now: self.now())
        return self.state.withLock { state in
            cookies.contains { !state.revoked.contains($0) }
        }
    }

    // MARK: Guesses

    private enum Turn: Equatable {
        case granted
        case wrong
        case wait(until: Int64)
        case refused
    }

    /// Asks for a turn and uses it, under one lock, so that no two guesses share a turn.
    private func takeTurn(_ account: SignInThrottle.Account, isRight: Bool, isWaiting: Bool) -> Turn {
        self.state.withLock { state in
            let now = self.now()
            if isWaiting, Task.isCancelled {
                state.throttle.leave(account)
                return .refused
            }
            switch isWaiting ? state.throttle.comeBack(account, now: now) : state.throttle.arrive(account, now: now) {
            case .check:
                if !isRight { state.throttle.failed(account, now: now) }
                return isRight ? .granted : .wrong
            case .wait(let time): return .wait(until: time)
            case .refuse: return .refused
            }
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
