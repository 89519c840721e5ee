package import HTTPTypes
package import NIOCore

/// A request, free of the server that received it.
package struct APIRequest: Sendable {
    package let method: HTTPRequest.Method
    /// What is left of the target's path when the proxy's prefix is cut off; percent-encoding as it came.
    package let path: String
    package let query: QueryParameters
    package let headers: HTTPFields
    /// Nil for a local socket.
    package let remote: IPAddress?
    package let proxy: ProxyContext
    /// Empty until the handler asked for it.
    package var body = ByteBuffer()

    /// - Parameters:
    ///   - method: Any, made-up ones included.
    ///   - target: Path and query, as in the request line.
    ///   - authority: The `Host` header.
    ///   - headers: Without `Host`.
    ///   - remote: The peer's address; nil for a local socket.
    ///   - isSecure: Whether the connection itself is encrypted.
    ///   - forcedScheme: The scheme of links, whatever a proxy says.
    package init(
        method: HTTPRequest.Method,
        target: String,
        authority: String? = nil,
        headers: HTTPFields = [:],
        remote: IPAddress? = nil,
        isSecure: Bool = false,
        forcedScheme: String? = nil
    ) {
        self.method = method
        self.headers = headers
        self.remote = remote
        self.proxy = ProxyContext(
            headers: headers,
            authority: authority,
            isSecure: isSecure,
            forcedScheme: forcedScheme
        )
        let questionMark = target.utf8.firstIndex(of: UInt8(ascii: "?"))
        self.path = self.proxy.cutPrefix(from: target[..<(questionMark ?? target.endIndex)])
        self.query = questionMark.map { QueryParameters(target[$0...].dropFirst()) } ?? .none
    }
}

/// What a proxy in front says about how the client sees us.
///
/// Only what can be a part of a URL is believed: these headers may come from anybody.
package struct ProxyContext: Sendable, Equatable {
    /// `http` or `https`: of links.
    package let scheme: String
    /// Whether the client's own request came over https, as far as is known (`http_scheme` does not count).
    package let cameOverHTTPS: Bool
    /// `/prefix`, or empty.
    package let prefix: String
    /// Name and port; nil when the client gave none that can be one.
    package let host: String?

    init(headers: HTTPFields, authority: String?, isSecure: Bool, forcedScheme: String?) {
        let told = headers[.xURLScheme] ?? headers[.xScheme]
        self.cameOverHTTPS = told.map { $0.lowercased() == "https" } ?? isSecure
        self.scheme = forcedScheme ?? (self.cameOverHTTPS ? "https" : "http")
        self.prefix = headers[.xScriptName].flatMap(Self.prefix) ?? ""
        self.host = authority.flatMap { !$0.isEmpty && $0.utf8.allSatisfy(Self.isHostCharacter) ? $0 : nil }
    }

    /// The absolute URL of one of our paths, for redirects; without a host, the path with its prefix.
    package func url(of path: String) -> String {
        guard let host = self.host else { return self.prefix + path }
        return "\(self.scheme)://\(host)\(self.prefix)\(path)"
    }

    fileprivate func cutPrefix(from path: Substring) -> String {
        guard !self.prefix.isEmpty, path.hasPrefix(self.prefix) else { return String(path) }
        let rest = path.dropFirst(self.prefix.count)
        return rest.first == "/" ? String(rest) : String(path)
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

extension HTTPField.Name {
    /// A constant name; all of them are tokens, so that the fallback is never met.
    private static func constant(_ name: String) -> HTTPField.Name {
        HTTPField.Name(name) ?? .from
    }

    static let channelstreamSecret = Self.constant("X-Channelstream-Secret")
    static let xScriptName = Self.constant("X-Script-Name")
    static let xScheme = Self.constant("X-Scheme")
    static let xURLScheme = Self.constant("X-Url-Scheme")
}
