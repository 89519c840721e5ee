package import HTTPTypes
package import NIOCore

/// A request, free of the server that received it.
package struct APIRequest: Sendable {
    /// Never `HEAD`, which is answered as `GET`: the body is left out where the answer is written.
    package let method: HTTPRequest.Method
    /// The rest of the target's path when the proxy's prefix is cut off; percent-encoding as it came.
    package let path: String
    package let query: QueryParameters
    package let fields: HeaderFields
    /// The address of the other side; nil for a local socket.
    package let remote: IPAddress?
    package var body: ByteBuffer
    /// Who makes it, once that was looked at, which may be before the body came: a signature may have aged since.
    package var caller: Caller?
    /// The part of the path where its ``PathPattern`` has a variable, percent-decoded.
    package var variable: [UInt8] = []
    private let authority: String?
    private let isFromTrustedProxy: Bool
    private let forcedScheme: String?

    /// - Parameters:
    ///   - method: Any, made-up ones included.
    ///   - target: Path and query, as in the request line.
    ///   - authority: The `Host` header.
    ///   - fields: Without `Host`.
    ///   - body: The whole of it.
    ///   - remote: The peer's address; nil for a local socket.
    ///   - isFromTrustedProxy: Whether the peer is a proxy that is believed when it speaks of its client.
    ///   - forcedScheme: The scheme of links, whatever a proxy says.
    package init(
        method: HTTPRequest.Method,
        target: String,
        authority: String? = nil,
        fields: HeaderFields,
        body: ByteBuffer = ByteBuffer(),
        remote: IPAddress? = nil,
        isFromTrustedProxy: Bool = false,
        forcedScheme: String? = nil
    ) {
        self.method = method == .head ? .get : method
        self.fields = fields
        self.remote = remote
        self.body = body
        self.authority = authority
        self.isFromTrustedProxy = isFromTrustedProxy
        self.forcedScheme = forcedScheme
        let questionMark = target.utf8.firstIndex(of: UInt8(ascii: "?"))
        self.query = questionMark.map { QueryParameters(target[$0...].dropFirst()) } ?? .none
        let path = questionMark.map { String(target[..<$0]) } ?? target
        self.path = ProxyContext.path(path, seenBy: fields)
    }

    /// The same with fields that are text.
    package init(
        method: HTTPRequest.Method,
        target: String,
        authority: String? = nil,
        headers: HTTPFields = [:],
        remote: IPAddress? = nil,
        isFromTrustedProxy: Bool = false,
        forcedScheme: String? = nil
    ) {
        self.init(
            method: method,
            target: target,
            authority: authority,
            fields: HeaderFields(headers),
            remote: remote,
            isFromTrustedProxy: isFromTrustedProxy,
            forcedScheme: forcedScheme
        )
    }

    /// All header fields as text, without `Host`: for those who look at several.
    package var headers: HTTPFields { self.fields.httpFields }

    package var proxy: ProxyContext {
        ProxyContext(
            fields: self.fields,
            authority: self.authority,
            isFromTrustedProxy: self.isFromTrustedProxy,
            forcedScheme: self.forcedScheme
        )
    }
}

/// The server as the client sees it, by the word of a proxy in front.
///
/// Only what can be a part of a URL is believed: these headers may come from anybody. `X-Forwarded-Proto`, which proxies
/// send without being told to and pass on from clients where they do not, counts from trusted proxies only.
package struct ProxyContext: Sendable, Equatable {
    /// `http` or `https`: of links.
    package let scheme: String
    /// Whether the client's own request came over https, as far as is known (`http_scheme` does not count).
    package let cameOverHTTPS: Bool
    /// `/prefix`, or empty.
    package let prefix: String
    /// Name and port; nil when the client gave none that can be one.
    package let host: String?

    init(fields: HeaderFields, authority: String?, isFromTrustedProxy: Bool, forcedScheme: String?) {
        let told =
            fields["x-url-scheme"] ?? fields["x-scheme"]
            ?? (isFromTrustedProxy ? Self.last(of: fields["x-forwarded-proto"]) : nil)
        self.cameOverHTTPS = told?.lowercased() == "https"
        self.scheme = forcedScheme ?? (self.cameOverHTTPS ? "https" : "http")
        self.prefix = fields["x-script-name"].flatMap(Self.prefix) ?? ""
        self.host = authority.flatMap { !$0.isEmpty && $0.utf8.allSatisfy(Self.isHostCharacter) ? $0 : nil }
    }

    /// Takes the word of the nearest of several proxies: the others may have come from the client.
    private static func last(of list: String?) -> String? {
        list?.split(separator: ",").last.map { String($0.trimmingBlanks) }
    }

    /// The absolute URL of one of our paths, for redirects; without a host, the path with its prefix.
    package func url(of path: String) -> String {
        guard let host = self.host else { return self.prefix + path }
        return "\(self.scheme)://\(host)\(self.prefix)\(path)"
    }

    /// Cuts the prefix off a path that a proxy tells of.
    package static func path(_ path: String, seenBy fields: HeaderFields) -> String {
        guard let told = fields["x-script-name"], let prefix = self.prefix(told), path.hasPrefix(prefix) else {
            return path
        }
        let rest = path.dropFirst(prefix.count)
        return rest.first == "/" ? String(rest) : path
    }

    /// A path of plain segments: no second slash first, which would name another host.
    private static func prefix(_ text: String) -> String? {
        let trimmed = text.last == "/" ? text.dropLast() : text[...]
        guard trimmed.first == "/", !trimmed.hasPrefix("//"), trimmed.utf8.allSatisfy(Self.isPathCharacter) else {
            return nil
        }
        return String(trimmed)
    }

    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        self.isUnreserved(byte) || [UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]")].contains(byte)
    }

    private static func isPathCharacter(_ byte: UInt8) -> Bool {
        self.isUnreserved(byte) || byte == UInt8(ascii: "/")
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }
}
