/// Which web origins may open a websocket: all, or a list, matched whole (scheme, host and port).
package enum AllowedOrigins: Sendable, Equatable {
    case any
    case only([WebOrigin])

    /// Whether a request with this `Origin` header may go on.
    ///
    /// Browsers always send the header with a websocket handshake; a client without it is no browser, carries no
    /// visitor's rights with it, and passes.
    package func allows(_ header: String?) -> Bool {
        guard case .only(let origins) = self, let header else { return true }
        guard let origin = WebOrigin(header) else { return false }
        return origins.contains(origin)
    }
}

/// An origin as in RFC 6454: scheme, host and port, in lower case and without the scheme's own port.
package struct WebOrigin: Hashable, Sendable, CustomStringConvertible {
    package let scheme: String
    /// An IPv6 address keeps its brackets.
    package let host: String
    package let port: Int

    /// - Parameter text: `scheme://host` or `scheme://host:port`, with nothing after it but perhaps one slash.
    package init?(_ text: String) {
        let lower = text.lowercased()
        guard let separator = lower.firstRange(of: "://") else { return nil }
        let scheme = String(lower[..<separator.lowerBound])
        var rest = lower[separator.upperBound...]
        if rest.last == "/" { rest = rest.dropLast() }
        guard let standardPort = Self.standardPorts[scheme] else { return nil }
        guard let (host, port) = Self.split(rest, standardPort: standardPort) else { return nil }
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    package var description: String {
        let isStandard = self.port == Self.standardPorts[self.scheme]
        return "\(self.scheme)://\(self.host)" + (isStandard ? "" : ":\(self.port)")
    }

    private static let standardPorts = ["http": 80, "https": 443]

    private static func split(_ authority: Substring, standardPort: Int) -> (host: String, port: Int)? {
        var host = authority
        var port = standardPort
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            let digits = authority[authority.index(after: colon)...]
            guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            guard let number = Int(digits), (1...65535).contains(number) else { return nil }
            host = authority[..<colon]
            port = number
        }
        guard !host.isEmpty else { return nil }
        if host.first == "[" {
            guard host.last == "]", IPAddress(String(host.dropFirst().dropLast())) != nil else { return nil }
        } else {
            let isName = host.utf8.allSatisfy { byte in
                (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2d || byte == 0x2e
            }
            guard isName else { return nil }
        }
        return (String(host), port)
    }
}
