import LogValues

/// The sessions that were signed out before their cookies expired.
///
/// It holds at most ``capacity`` of them. Beyond that it gives up single sessions for a line in time: every cookie issued
/// up to the latest of them is void, which signs out more admins than asked, and never fewer.
struct RevokedSessions: Sendable {
    private let capacity: Int
    /// When each one's cookie expires, in milliseconds since 1970.
    private var expiries: [AdminSessionID: Int64] = [:]
    private var latestIssue = Int64.min
    private var voidUpTo: Int64

    /// - Parameters:
    ///   - capacity: The most sessions that are remembered one by one.
    ///   - voidUpTo: Every cookie issued up to then is void, in milliseconds since 1970.
    init(capacity: Int = 10_000, voidUpTo: Int64 = .min) {
        self.capacity = capacity
        self.voidUpTo = voidUpTo
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

/// The text form, for a file:
///
///     channelstream signed-out 1 <void up to> <latest issue>
///     <session, 32 hexadecimal digits> <expires>
///
/// Times are in milliseconds since 1970. The last line is `end`, so that a file that was cut is noticed.
extension RevokedSessions {
    private static let heading = "channelstream signed-out 1"
    private static let ending = "end"

    var text: String {
        var text = "\(Self.heading) \(self.voidUpTo) \(self.latestIssue)\n"
        let sessions = self.expiries.map { (id: $0.key.text, expires: $0.value) }.sorted { $0.id < $1.id }
        for session in sessions { text += "\(session.id) \(session.expires)\n" }
        return text + Self.ending + "\n"
    }

    /// Reads what was written; nil if the text is none of ours.
    init?(text: String, capacity: Int = 10_000) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard lines.popLast() == "", lines.popLast() == Self.ending[...], let first = lines.popFirst(),
            first.hasPrefix(Self.heading)
        else { return nil }
        let times = first.dropFirst(Self.heading.count).split(separator: " ").map { Int64($0) }
        guard times.count == 2, let voidUpTo = times[0], let latestIssue = times[1] else { return nil }
        self.init(capacity: capacity, voidUpTo: voidUpTo)
        self.latestIssue = latestIssue
        for line in lines {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 2, let session = AdminSessionID(text: parts[0]), let expires = Int64(parts[1]) else {
                return nil
            }
            self.expiries[session] = expires
        }
    }
}

extension AdminSessionID {
    /// 32 hexadecimal digits.
    fileprivate var text: String {
        Hexadecimal.text(self.high) + Hexadecimal.text(self.low)
    }

    fileprivate init?(text: Substring) {
        guard text.utf8.count == 32, let high = UInt64(text.prefix(16), radix: 16),
            let low = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }
}
