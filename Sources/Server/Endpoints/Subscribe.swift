import HTTPTypes
import Hub
import Web

extension HubEndpoints {
    /// `POST /subscribe`: subscribes a connection to channels.
    var subscribe: Endpoint {
        self.subscription(
            "/subscribe",
            Operation(
                "subscribe",
                "Subscribes a connection to channels",
                parameters: [Self.otherConnection],
                takes: "SubscribeBody",
                answers: "SubscribeReply"
            )
        ) { .subscribe($0) }
    }

    /// `POST /unsubscribe`: removes a connection from channels.
    var unsubscribe: Endpoint {
        self.subscription(
            "/unsubscribe",
            Operation(
                "unsubscribe",
                "Removes a connection from channels",
                parameters: [Self.otherConnection],
                takes: "UnsubscribeBody",
                answers: "UnsubscribeReply"
            )
        ) { .unsubscribe($0) }
    }

    private static let otherConnection = Operation.Parameter.query(
        "conn_id",
        "The connection, where the body names none",
        format: "uuid"
    )

    /// The connection may stand in the query instead of the body.
    private func subscription(
        _ path: PathPattern,
        _ operation: Operation,
        _ command: @escaping @Sendable (Command.Subscription) -> Command
    ) -> Endpoint {
        Endpoint(.post, path, for: .backend, body: .large, operation) { (request, reply) throws(Refusal) in
            self.submit(reply) { () throws(BodyError) in
                let draft = try self.decode(request.body, SubscriptionBody.read)
                switch draft.finish(queryConnection: request.query.value("conn_id")) {
                case .success(let subscription): return command(subscription)
                case .failure(let failure): throw .invalid(failure)
                }
            }
        }
    }
}
