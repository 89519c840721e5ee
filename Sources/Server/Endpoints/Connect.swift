import HTTPTypes
import Hub
import Web

extension HubEndpoints {
    /// `POST /connect`: a user opens a connection.
    var connect: Endpoint {
        let operation = Operation("connect", "A user opens a connection", takes: "ConnectBody", answers: "ConnectReply")
        return self.backend(.post, "/connect", operation, ConnectBody.read) { .connect($0) }
    }
}
