import HTTPTypes
import Hub
import Web

extension HubEndpoints {
    /// `POST /connect`: a user opens a connection.
    var connect: Endpoint { self.backend(.post, "/connect", ConnectBody.read) { .connect($0) } }
}
