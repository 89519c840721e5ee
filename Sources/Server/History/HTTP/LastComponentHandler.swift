package import Web

/// Hands requests below a path on by the last component of their path: `/message/{uuid}/lineage` to `lineage`.
package struct LastComponentHandler: RequestHandler {
    private let handlers: [String: any RequestHandler]

    /// - Parameter handlers: By last component, without slashes.
    package init(_ handlers: [String: any RequestHandler]) {
        self.handlers = handlers
    }

    package func respond(to request: APIRequest) async -> APIResponse {
        guard let last = request.path.split(separator: "/", omittingEmptySubsequences: false).last,
            let handler = self.handlers[String(last)]
        else { return .notFound }
        return await handler.respond(to: request)
    }
}

extension APIRequest {
    /// What stands in the path between a prefix and a suffix, percent-decoded; nil if nothing does.
    ///
    /// `%2F` and `/` are the same; what is no valid percent-encoding stands for itself.
    func pathPart(after prefix: String, before suffix: String) -> [UInt8]? {
        let path = Array(self.path.utf8)
        guard path.count > prefix.utf8.count + suffix.utf8.count, path.starts(with: prefix.utf8),
            path.reversed().starts(with: suffix.utf8.reversed())
        else { return nil }
        return PercentDecoding.decode(path[prefix.utf8.count..<path.count - suffix.utf8.count])
    }
}
