package import HTTPTypes

/// The cross-origin headers, which every reply carries.
///
/// Without entries every page may read the answers. An entry is an origin (`https://app.example.com:8443`, compared
/// whole), or a host with or without a port (`example.com`, which also stands for its subdomains). Upstream looks for
/// the entry anywhere in the origin, so that `https://example.com.evil.net` would pass; here it does not.
package struct CORSPolicy: Sendable, Equatable {
    private let entries: [String]
    /// For everybody, and for pages that may read answers.
    private let common: CrossOriginHeaders
    private let allowed: CrossOriginHeaders

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
        self.common = CrossOriginHeaders(common)
        common[.accessControlAllowOrigin] = "*"
        self.allowed = CrossOriginHeaders(common)
    }

    /// The headers for a page of this origin, to which a reply adds its own.
    package func headers(for origin: @autoclosure () -> String?) -> CrossOriginHeaders {
        guard !self.entries.isEmpty, let origin = origin(), self.allows(origin) else { return self.common }
        return self.allowed
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

/// Headers that are the same for many replies, written once.
package final class CrossOriginHeaders: Sendable, Equatable {
    package let fields: HTTPFields
    /// As they stand in a reply's head, each with its line end.
    let bytes: [UInt8]

    package init(_ fields: HTTPFields) {
        self.fields = fields
        self.bytes = fields.flatMap { Array("\($0.name.rawName): \($0.value)\r\n".utf8) }
    }

    package static func == (left: CrossOriginHeaders, right: CrossOriginHeaders) -> Bool { left.bytes == right.bytes }
}
