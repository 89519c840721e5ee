import HTTPTypes

/// Whether a form was posted by a page of ours.
///
/// A page of another site can make a visitor's browser post our form, and so sign the visitor in as somebody of its
/// choice. Browsers say where a post comes from, in up to three headers that pages cannot set. Programs (curl, tests) send
/// none of them and pass: nobody's browser is abused there.
package enum SameOriginCheck {
    /// Looks at the strongest header there is.
    package static func passes(_ request: APIRequest) -> Bool {
        // Says it outright, and is right also behind a proxy that changes `Host`.
        if let site = request.headers[.secFetchSite] { return site == "same-origin" || site == "none" }
        if let origin = request.headers[.origin] { return self.isOurs(origin, request) }
        if let referer = request.headers[.referer] { return self.isOurs(self.origin(of: referer), request) }
        return true
    }

    /// Compares name and port; the scheme may have been changed by a proxy that does not say so.
    private static func isOurs(_ text: String, _ request: APIRequest) -> Bool {
        guard let origin = WebOrigin(text), let host = request.proxy.host else { return false }
        return WebOrigin("\(origin.scheme)://\(host)") == origin
    }

    /// Everything before the path.
    private static func origin(of url: String) -> String {
        guard let start = url.firstRange(of: "://")?.upperBound else { return url }
        let end = url[start...].firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? url.endIndex
        return String(url[..<end])
    }
}

extension HTTPField.Name {
    // The fallback is never met: the name is a token.
    fileprivate static let secFetchSite = HTTPField.Name("Sec-Fetch-Site") ?? .origin
}
