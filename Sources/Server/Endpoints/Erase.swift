import Archive
import HTTPTypes
package import Hub
import RawJSON
package import Web

/// `POST /admin/erase`: erases the contents of a message, a user or a channel, and answers when they are gone.
package struct EraseEndpoint: Sendable {
    private let eraser: Eraser
    private let maximumDepth: Int

    /// `maximumDepth` is the body's.
    package init(eraser: Eraser, maximumDepth: Int) {
        self.eraser = eraser
        self.maximumDepth = maximumDepth
    }

    package var endpoint: Endpoint {
        let operation = Operation(
            "admin_erase",
            "Erases the contents of a message, a user or a channel, and answers when they are gone",
            tag: "Admin API",
            takes: "EraseBody",
            answers: "EraseReply",
            refusals: [404],
            ownRefusals: [
                409: "Another erasure is under way", 500: "Ordered, but not finished: call again, or restart",
            ]
        )
        return Endpoint(.post, "/admin/erase", for: .backendOrAdministrator, operation, making: self.erase)
    }

    private func erase(_ request: APIRequest) async throws(Refusal) -> APIResponse {
        let order: ErasureRequest
        do throws(BodyError) {
            order = try RequestBody.decode(request.body, maximumDepth: self.maximumDepth, EraseBody.read)
        } catch {
            throw Refusal(error)
        }
        let account: ErasureAccount
        do throws(Eraser.Failure) {
            account = try await self.eraser.erase(
                order.target,
                orderedBy: order.orderedBy ?? (request.caller == .administrator ? "administrator" : "backend"),
                reason: order.reason,
                forgettingChannel: order.forgetsChannel
            )
        } catch {
            throw Refusal(error)
        }
        guard account.isKnown else { throw Refusal(.notFound, "The log says nothing about it.") }
        var writer = JSONWriter(capacity: 512)
        account.write(into: &writer)
        return .json(writer.bytes)
    }
}

extension Refusal {
    init(_ failure: Eraser.Failure) {
        let unfinished = { (reason: String) in
            "The erasure is not finished: \(reason). Call again, or restart: what was ordered will be finished."
        }
        switch failure {
        case .busy: self.init(.conflict, "Another erasure is under way.", headers: [.retryAfter: "5"])
        case .unavailable(let reason): self = .unavailable(reason)
        case .failed(let reason): self.init(.internalServerError, unfinished(reason))
        case .interrupted(let reason): self = .unavailable(unfinished(reason))
        }
    }
}
