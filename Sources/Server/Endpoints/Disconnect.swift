import HTTPTypes
import Hub
import Web

extension HubEndpoints {
    /// `GET /disconnect`: ends a connection; the client's own business.
    var disconnect: Endpoint {
        let operation = Operation(
            "disconnect",
            "Ends a connection",
            tag: "Client API",
            parameters: [.connection],
            answers: "Disconnected",
            refusals: [422, 503]
        )
        return Endpoint(.get, "/disconnect", for: .everybody, operation) { (request, reply) throws(Refusal) in
            let connection = try Parameters.read(request.query) { $0.requiredUUID("conn_id") }
            self.submit(reply) { () throws(BodyError) in .disconnect(connection) }
        }
    }

    /// `POST /disconnect`: the same; here the query is not looked at.
    var disconnectPosted: Endpoint {
        let operation = Operation(
            "disconnect_post",
            "Ends a connection",
            tag: "Client API",
            takes: "DisconnectBody",
            answers: "Disconnected"
        )
        return Endpoint(.post, "/disconnect", for: .everybody, operation) { (request, reply) throws(Refusal) in
            self.submit(reply) { () throws(BodyError) in
                .disconnect(try self.decode(request.body, DisconnectBody.read))
            }
        }
    }
}
