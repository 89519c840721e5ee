import Archive
package import HTTPTypes
package import Hub
import NIOCore
import Projections
import RawJSON
package import Web

/// `POST /admin/erase`: erases the contents of a message, a user or a channel, and answers when they are gone.
package struct EraseHandler: RequestHandler {
    /// The path that it answers.
    package static let path = "/admin/erase"

    private let eraser: Eraser
    private let access: AccessControl
    private let isAdministrator: @Sendable (APIRequest) -> Bool
    private let maximumDepth: Int

    /// - Parameters:
    ///   - eraser: What does it.
    ///   - access: Lets backends in, by their signature.
    ///   - maximumDepth: Of the body.
    ///   - isAdministrator: Whether the request carries the cookie of someone who is signed in.
    package init(
        eraser: Eraser,
        access: AccessControl,
        maximumDepth: Int,
        isAdministrator: @escaping @Sendable (APIRequest) -> Bool
    ) {
        self.eraser = eraser
        self.access = access
        self.maximumDepth = maximumDepth
        self.isAdministrator = isAdministrator
    }

    package var methods: [HTTPRequest.Method] { [.post] }

    package func respond(to request: APIRequest) async -> APIResponse {
        let who: String
        switch self.caller(of: request) {
        case .success(let name): who = name
        case .failure(let refusal): return refusal.response
        }
        do throws(BodyError) {
            let order = try self.decode(request.body)
            return await self.erase(order, orderedBy: order.orderedBy ?? who)
        } catch {
            switch error {
            case .malformed(let error), .malformedLine(_, let error):
                return .refusal(.badRequest, error.description)
            case .invalid(let failure): return .invalid(failure.errors)
            }
        }
    }

    private func erase(_ order: ErasureRequest, orderedBy: String) async -> APIResponse {
        do throws(Eraser.Failure) {
            let account = try await self.eraser.erase(
                order.target,
                orderedBy: orderedBy,
                reason: order.reason,
                forgettingChannel: order.forgetsChannel
            )
            guard account.isKnown else { return .refusal(.notFound, "The log says nothing about it.") }
            var writer = JSONWriter(capacity: 512)
            account.write(into: &writer)
            return .json(writer.bytes)
        } catch {
            return Self.response(to: error)
        }
    }

    static func response(to failure: Eraser.Failure) -> APIResponse {
        switch failure {
        case .busy:
            var response = APIResponse.refusal(.conflict, "Another erasure is under way.")
            response.headers[.retryAfter] = "5"
            return response
        case .unavailable(let reason):
            return .unavailable(reason)
        case .failed(let reason):
            return .refusal(.internalServerError, Self.unfinished(reason))
        case .interrupted(let reason):
            return .unavailable(Self.unfinished(reason))
        }
    }

    private static func unfinished(_ reason: String) -> String {
        "The erasure is not finished: \(reason). Call again, or restart: what was ordered will be finished."
    }

    // MARK: Who calls

    private struct Refusal: Error {
        let response: APIResponse
    }

    /// A backend by its signature, or an administrator's browser from a page of ours.
    private func caller(of request: APIRequest) -> Result<String, Refusal> {
        if self.isAdministrator(request) {
            // Else any page that an administrator visits could post here with the administrator's cookie.
            guard SameOriginCheck.passes(request) else {
                return .failure(Refusal(response: .refusal(.forbidden, "The request was sent by another site.")))
            }
            return .success("administrator")
        }
        return self.access.verdict(on: request).refusal.map { .failure(Refusal(response: $0)) } ?? .success("backend")
    }

    private func decode(_ body: ByteBuffer) throws(BodyError) -> ErasureRequest {
        try RequestBody.decode(body.readableBytesUInt8Span, maximumDepth: self.maximumDepth, EraseBody.read)
    }
}
