package import HTTPTypes

/// The cross-origin headers, which every reply carries.
///
/// Without entries every page may read the answers. An entry is an origin (`https://app.example.com:8443`, compared
/// whole), or a host with or without a port (`example.com`, which also stands for its subdomains). Upstream looks for
/// the entry anywhere in the origin, so that `https://example.com.evil.net` would pass; here it does not.
package struct CORSPolicy: Sendable, Equatable {
    private let entries: [String]
    private let common: HTTPFields

    package static let everyone = CORSPolicy(allowing: [])

    package init(allowing entries: [String]) {
        self.entries = entries.contains("*") ? [] : entries.map { $0.lowercased() }
        var common = HTTPFields()
        common.reserveCapacity(6)
        if self.entries.isEmpty {
            common[.accessControlAllowOrigin] = "*"
        } else {
            common[.vary] = "Origin"
        }
        common[.accessControlAllowMethods] = "GET, POST, OPTIONS, PUT, DELETE, PATCH"
        common[.accessControlAllowHeaders] =
            "Content-Type, Depth, User-Agent, X-File-Size, X-Requested-With, If-Modified-Since, "
            + "X-File-Name, Cache-Control, Pragma, Origin, Connection, Referer, Cookie"
        common[.accessControlMaxAge] = "86400"
        self.common = common
    }

    /// The headers for a page of this origin, to which a reply adds its own.
    package func headers(for origin: @autoclosure () -> String?) -> HTTPFields {
        guard !self.entries.isEmpty, let origin = origin(), self.allows(origin) else { return self.common }
        var headers = self.common
        headers[.accessControlAllowOrigin] = "*"
        return headers
    }

    private func allows(_ origin: String) -> Bool {
        let origin = origin.lowercased()
        guard let schemeEnd = origin.firstRange(of: "://")?.upperBound else { return false }
        let hostAndPort = origin[schemeEnd...]
        let host = hostAndPort.prefix { $0 != ":" }
        return self.entries.contains { entry in
            if entry.contains("://") { return entry == origin }
            let candidate = entry.contains(":") ? hostAndPort : host
            return candidate == entry || candidate.hasSuffix(entry.hasPrefix(".") ? entry : "." + entry)
        }
    }
}
