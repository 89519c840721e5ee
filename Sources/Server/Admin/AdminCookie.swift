import Crypto
import LogValues
import RawJSON
import Web

/// The contents of the admin cookie, and its signed text.
///
/// 33 bytes (version 1, issued, expires, session id), then their HMAC-SHA256, in base64url. It holds no secret, only what
/// the signature vouches for.
struct AdminCookie: Sendable, Equatable {
    /// Milliseconds since 1970.
    let issued: Int64
    /// Milliseconds since 1970; the cookie is good until just before.
    let expires: Int64
    let session: AdminSessionID
}

/// Names one sign-in; 16 random bytes.
struct AdminSessionID: Hashable, Sendable {
    let high: UInt64
    let low: UInt64
}

/// Signs cookies and checks them.
struct AdminCookieSigner: Sendable {
    private static let version: UInt8 = 1
    private static let payloadSize = 33
    private static let size = Self.payloadSize + SHA256.byteCount

    private let key: SymmetricKey

    /// Derives the key from the cookie's secret and the account, so that a new password voids all cookies.
    package init(cookieSecret: [UInt8], user: String, password: String) {
        // Each part is hashed first: parts of any content cannot run into each other.
        var hash = HMAC<SHA256>(key: SymmetricKey(data: cookieSecret))
        hash.update(data: Array("channelstream admin cookie".utf8))
        for part in [user, password] { hash.update(data: Array(SHA256.hash(data: Array(part.utf8)))) }
        self.key = SymmetricKey(data: hash.finalize())
    }

    func text(of cookie: AdminCookie) -> String {
        let payload = Self.payload(of: cookie)
        let bytes = payload + Array(HMAC<SHA256>.authenticationCode(for: payload, using: self.key))
        var text: [UInt8] = []
        Base64.url.append(bytes.span, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The cookie that a text stands for, if its signature is ours; whether it has expired is the caller's question.
    func cookie(from text: String) -> AdminCookie? {
        guard let bytes = Self.decode(text), bytes[0] == Self.version else { return nil }
        let payload = bytes[..<Self.payloadSize]
        // Compares in constant time.
        let isOurs = HMAC<SHA256>.isValidAuthenticationCode(
            bytes[Self.payloadSize...],
            authenticating: payload,
            using: self.key
        )
        guard isOurs else { return nil }
        return AdminCookie(
            issued: Int64(bitPattern: Self.word(payload[1..<9])),
            expires: Int64(bitPattern: Self.word(payload[9..<17])),
            session: AdminSessionID(high: Self.word(payload[17..<25]), low: Self.word(payload[25..<33]))
        )
    }

    private static func payload(of cookie: AdminCookie) -> [UInt8] {
        var payload = [Self.version]
        let words = [
            UInt64(bitPattern: cookie.issued), UInt64(bitPattern: cookie.expires), cookie.session.high,
            cookie.session.low,
        ]
        for word in words { payload.append(upTo: 8) { $0.append(bigEndian: word) } }
        return payload
    }

    private static func decode(_ text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: Self.size)
        var target = bytes.mutableSpan
        let count = Base64.decodeLeniently(text.utf8Span.span, into: &target)
        return count == Self.size ? bytes : nil
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
