/// The sessions that were signed out before their cookies expired.
///
/// It holds at most ``capacity`` of them. Beyond that it gives up single sessions for a line in time: every cookie issued
/// up to the latest of them is void, which signs out more admins than asked, and never fewer.
struct RevokedSessions: Sendable {
    private let capacity: Int
    /// When each one's cookie expires, in milliseconds since 1970.
    private var expiries: [AdminSessionID: Int64] = [:]
    private var latestIssue = Int64.min
    private var voidUpTo = Int64.min

    init(capacity: Int = 10_000) {
        self.capacity = capacity
    }

    func contains(_ cookie: AdminCookie) -> Bool {
        cookie.issued <= self.voidUpTo || self.expiries[cookie.session] != nil
    }

    /// Adds a cookie; `now` is in milliseconds since 1970.
    mutating func insert(_ cookie: AdminCookie, now: Int64) {
        guard !self.contains(cookie) else { return }
        if self.expiries.count >= self.capacity {
            self.expiries = self.expiries.filter { $0.value > now }
        }
        self.latestIssue = max(self.latestIssue, cookie.issued)
        if self.expiries.count >= self.capacity {
            self.voidUpTo = self.latestIssue
            self.expiries.removeAll(keepingCapacity: true)
        } else {
            self.expiries[cookie.session] = cookie.expires
        }
    }
}
