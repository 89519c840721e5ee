import HTTPTypes
package import Hub
package import Web

/// The endpoints under `/log/` that nodes of one log use among each other, and those that tell how they stand to each
/// other.
package struct LogEndpoints: Sendable {
    package let gate: LogGate
    let sink: any CommandSink
    /// This node's own name.
    let node: String
    let maxBodySize: Int
    /// The primary and how this node stands to it; nil on a node that decides for itself.
    package let following: Following?
    package let registry = FollowerRegistry()
    let uploads = ProposalUploads()

    package struct Following: Sendable {
        /// The primary's.
        let url: String
        package let status: FollowStatus
        let promotion: PromotionRequest

        package init(url: String, status: FollowStatus, promotion: PromotionRequest) {
            self.url = url
            self.status = status
            self.promotion = promotion
        }
    }

    package init(gate: LogGate, sink: any CommandSink, node: String, maxBodySize: Int, following: Following?) {
        self.gate = gate
        self.sink = sink
        self.node = node
        self.maxBodySize = maxBodySize
        self.following = following
    }

    package var all: [Endpoint] {
        [
            self.segments, self.segment, self.snapshots, self.snapshot, self.hashes, self.proposals, self.status,
            self.promote,
        ]
    }

    /// An endpoint for nodes, which a primary answers: a follower sends elsewhere, since it signs and decides for nobody.
    func ofPrimary(
        _ method: HTTPRequest.Method,
        _ path: String,
        body: Endpoint.Body = .small,
        _ operation: Operation,
        making make: @escaping @Sendable (APIRequest, OpenLog) async throws(Refusal) -> APIResponse
    ) -> Endpoint {
        Endpoint(
            method,
            PathPattern(path),
            for: .node,
            body: body,
            operation.of("Nodes", refusing: [421, 500]),
            from: self.gate
        ) {
            (request, log) async throws(Refusal) in
            guard self.following == nil else {
                throw Refusal(.misdirectedRequest, "This node is a follower; ask its primary.")
            }
            return try await make(request, log)
        }
    }
}
