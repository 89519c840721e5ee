import HTTPTypes
import Hub
import Web

extension HubEndpoints {
    /// `GET /disconnect`: ends a connection; the client's own business.
    var disconnect: Endpoint {
        Endpoint(.get, "/disconnect", for: .everybody) { (request, reply) throws(Refusal) in
            let connection = try Parameters.read(request.query) { $0.requiredUUID("conn_id") }
            self.submit(reply) { () throws(BodyError) in .disconnect(connection) }
        }
    }

    /// `POST /disconnect`: the same; here the query is not looked at.
    var disconnectPosted: Endpoint {
        Endpoint(.post, "/disconnect", for: .everybody) { (request, reply) throws(Refusal) in
            self.submit(reply) { () throws(BodyError) in
                .disconnect(try self.decode(request.body, DisconnectBody.read))
            }
        }
    }
}
