import Crypto
package import LogValues
import RawJSON

/// Signs and verifies `VALUE.TIMESTAMP.SIGNATURE`, as itsdangerous' `TimestampSigner` does with its defaults.
///
///     key       = SHA-1("itsdangerous.Signer" + "signer" + secret)
///     TIMESTAMP = base64url(seconds since 1970, big-endian, no leading zero bytes)
///     SIGNATURE = base64url(HMAC-SHA-1(key, VALUE + "." + TIMESTAMP))
///
/// The value is not looked at: whatever is signed with the secret is good, as upstream has it. The signature is over
/// the *text* before it, so a timestamp counts in the spelling that was signed.
package struct TimestampSigner: Sendable {
    /// Why a signature is refused; told apart for tests and metrics, answered alike.
    package enum Refusal: Error, Equatable {
        case malformed
        case mismatch
        case expired
        /// Its clock runs ahead of ours by more than ``TimestampSigner/maximumLead``.
        case fromTheFuture
    }

    /// Seconds that a signature is good for.
    package static let maximumAge: Int64 = 60
    /// Seconds that the signing host's clock may be ahead; upstream sets no limit.
    package static let maximumLead: Int64 = 60
    /// A longer token is refused unread: any value may be signed, but no client signs so much.
    static let maximumTokenSize = 4096
    private static let signatureSize = 20

    /// Has digested the key already: a copy of it starts every verification, which spares two of four SHA-1 blocks.
    private let keyed: HMAC<Insecure.SHA1>
    private let known = KnownSignatures()

    /// - Parameter secret: The shared secret, used as it is given: UTF-8, not trimmed.
    package init(secret: String) {
        var digest = Insecure.SHA1()
        digest.update(data: Array("itsdangerous.Signersigner".utf8))
        digest.update(data: Array(secret.utf8))
        self.keyed = HMAC(key: SymmetricKey(data: Array(digest.finalize())))
    }

    /// Makes a token, for tools and tests.
    ///
    /// - Parameters:
    ///   - value: Anything; clients sign `channelstream`.
    ///   - seconds: Since 1970; below 0 counts as 0.
    /// - Returns: `VALUE.TIMESTAMP.SIGNATURE`.
    package func sign(_ value: String, at seconds: Int64) -> String {
        var text = Array(value.utf8)
        text.append(UInt8(ascii: "."))
        let stamp = UInt64(max(0, seconds))
        let bigEndian = (0..<8).map { UInt8(truncatingIfNeeded: stamp >> (56 - 8 * $0)) }.drop { $0 == 0 }
        Base64.url.append(Array(bigEndian).span, to: &text)
        let signature = self.authenticationCode(of: text)
        text.append(UInt8(ascii: "."))
        Base64.url.append(signature.span, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Checks a token.
    ///
    /// - Parameters:
    ///   - token: Its UTF-8 bytes.
    ///   - now: Seconds since 1970; nil when the age does not count (`validate_requests = false`).
    /// - Throws: ``Refusal``; how much of a wrong signature is right cannot be told from the time this takes.
    package func verify(_ token: Bytes, now: Int64?) throws(Refusal) {
        let stamp: Int64
        if let known = self.known.stamp(of: token) {
            stamp = known
        } else {
            stamp = try self.verifiedStamp(of: token)
            self.known.add(token, stamp: stamp)
        }
        guard let now else { return }
        // A stamp is never negative, but a clock set before 1970 is: what wraps around is far outside either limit.
        let age = now &- stamp
        guard age <= Self.maximumAge else { throw .expired }
        guard age >= -Self.maximumLead else { throw .fromTheFuture }
    }

    /// The time that a token carries, once its signature was found right.
    private func verifiedStamp(of token: Bytes) throws(Refusal) -> Int64 {
        guard token.count <= Self.maximumTokenSize, let signatureDot = Self.lastDot(in: token) else { throw .malformed }
        let body = token.extracting(..<signatureDot)
        guard self.matches(token.extracting((signatureDot + 1)...), body: body) else { throw .mismatch }
        guard let stampDot = Self.lastDot(in: body), let stamp = Self.seconds(body.extracting((stampDot + 1)...)) else {
            throw .malformed
        }
        return stamp
    }

    private static func lastDot(in text: Bytes) -> Int? { text.indices.last { text[$0] == UInt8(ascii: ".") } }

    /// Whether `text` is the signature of `body`.
    ///
    /// It is read a little leniently, as deployed clients need it: the JavaScript signer that ships with Channelstream
    /// replaces only the first `+`, `/` and `=`, and Python ignores the spare bits of the last character.
    private func matches(_ text: Bytes, body: Bytes) -> Bool {
        var given = InlineArray<20, UInt8>(repeating: 0)
        var target = given.mutableSpan
        guard Base64.decodeLeniently(text, into: &target) == Self.signatureSize else { return false }
        var code = self.keyed
        // The function takes pointers alone; the call is over before the bytes are.
        unsafe body.withUnsafeBytes { unsafe code.update(data: $0) }
        // Looks at all of it, so that the time does not tell how much is right.
        var difference: UInt8 = 0
        for (index, expected) in code.finalize().enumerated() { difference |= expected ^ given[index] }
        return difference == 0
    }

    private func authenticationCode(of text: [UInt8]) -> [UInt8] {
        var code = self.keyed
        code.update(data: text)
        return Array(code.finalize())
    }

    /// 1 to 8 bytes, big-endian; nil when it is something else or beyond 63 bits.
    private static func seconds(_ text: Bytes) -> Int64? {
        var bytes = InlineArray<8, UInt8>(repeating: 0)
        var target = bytes.mutableSpan
        guard let size = Base64.decodeLeniently(text, into: &target), size > 0 else { return nil }
        return Int64(exactly: (0..<size).reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[$1]) })
    }
}
