import HTTPTypes

/// All endpoints of a server, found by path and method.
package struct EndpointTable: Sendable {
    /// In the order in which they are described.
    package let endpoints: [Endpoint]
    private let fixed: [String: [Endpoint]]
    private let open: [Endpoint]

    package init(_ endpoints: [Endpoint]) {
        self.endpoints = endpoints
        self.fixed = Dictionary(grouping: endpoints.filter(\.path.isFixed), by: \.path.text)
        self.open = endpoints.filter { !$0.path.isFixed }
    }

    /// Finds the endpoint that a request asks, and notes what its path says.
    ///
    /// - Throws: 404 for another path, 405 with the right ones for another method.
    func endpoint(for request: inout APIRequest) throws(Refusal) -> Endpoint {
        let found: [Endpoint]
        if let fixed = self.fixed[request.path] { found = fixed } else { found = try self.openPath(of: &request) }
        let method = request.method
        guard let endpoint = found.first(where: { $0.method == method }) else {
            throw .methodNotAllowed(found.map(\.method))
        }
        return endpoint
    }

    private func openPath(of request: inout APIRequest) throws(Refusal) -> [Endpoint] {
        for endpoint in self.open {
            guard let variable = endpoint.path.variable(in: request.path) else { continue }
            request.variable = variable
            return self.open.filter { $0.path == endpoint.path }
        }
        throw .notFound
    }
}
