import HTTPTypes
import Hub
import Web

extension HubEndpoints {
    /// `POST /subscribe`: subscribes a connection to channels.
    var subscribe: Endpoint { self.subscription("/subscribe") { .subscribe($0) } }

    /// `POST /unsubscribe`: removes a connection from channels.
    var unsubscribe: Endpoint { self.subscription("/unsubscribe") { .unsubscribe($0) } }

    /// The connection may stand in the query instead of the body.
    private func subscription(
        _ path: PathPattern,
        _ command: @escaping @Sendable (Command.Subscription) -> Command
    ) -> Endpoint {
        Endpoint(.post, path, for: .backend, body: .large) { (request, reply) throws(Refusal) in
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
