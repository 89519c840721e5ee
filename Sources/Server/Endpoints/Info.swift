import Archive
import Following
import HTTPTypes
import Hub
import NIOCore
import Web

extension HubEndpoints {
    /// `GET /info`: describes all channels.
    var infoAll: Endpoint {
        let operation = Operation(
            "info_all",
            "Describes all channels",
            parameters: [.asOf],
            answers: "ChannelsInfo",
            refusals: [410, 422, 500, 503]
        )
        return Endpoint(.get, "/info", for: .backend, body: .large, operation, answer: self.answerInfo)
    }

    /// `POST /info`: describes channels; without a body, all of them.
    var info: Endpoint {
        let operation = Operation(
            "info",
            "Describes channels; without a body, all of them",
            parameters: [.asOf],
            takes: "ChannelInfoBody",
            isBodyRequired: false,
            answers: "ChannelsInfo",
            refusals: [410, 500]
        )
        return Endpoint(.post, "/info", for: .backend, body: .large, operation, answer: self.answerInfo)
    }

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

extension Operation.Parameter {
    static let asOf = Self.query(
        "as_of",
        "As of which event (its number) or moment (ISO 8601); now when it is missing"
    )
}
