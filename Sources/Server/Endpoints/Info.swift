import Archive
import Following
import HTTPTypes
import Hub
import NIOCore
import Web

extension HubEndpoints {
    /// `GET /info`: describes all channels.
    var infoAll: Endpoint { Endpoint(.get, "/info", for: .backend, body: .large, answer: self.answerInfo) }

    /// `POST /info`: describes channels; without a body, all of them.
    var info: Endpoint { Endpoint(.post, "/info", for: .backend, body: .large, answer: self.answerInfo) }

    private func answerInfo(_ request: APIRequest, _ reply: Replying) throws(Refusal) {
        let options: InfoOptions?
        do throws(BodyError) {
            options = request.body.readableBytes == 0 ? nil : try self.decode(request.body, InfoBody.read)
        } catch {
            throw Refusal(error)
        }
        if let lookBack = self.lookBack, request.query.value("as_of") != nil {
            return reply.later { () async throws(Refusal) in
                try await lookBack.info(options, request, lookBack.gate.openLog)
            }
        }
        self.sink.ask(.info(options)) { reply(Self.answer(to: $0)) }
    }
}
