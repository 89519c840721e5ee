import HTTPTypes
import NIOCore

/// The one way of a request to its endpoint: what the table says is decided here, and in no endpoint.
///
/// It knows no server, socket or clock, and nothing of what endpoints do.
package final class Router: RequestResponder {
    private let settings: APISettings
    private let access: AccessControl
    private let table: EndpointTable
    private let work: OpenWork

    package convenience init(_ table: EndpointTable, access: AccessControl, settings: APISettings) {
        self.init(table, access: access, settings: settings, work: OpenWork())
    }

    /// The same, with `work` told of the answers that tasks are making.
    package init(_ table: EndpointTable, access: AccessControl, settings: APISettings, work: OpenWork) {
        self.settings = settings
        self.access = access
        self.table = table
        self.work = work
    }

    /// Answers a request, with the cross-origin headers.
    package func respond(to request: consuming APIRequest, reply: @escaping @Sendable (APIResponse) -> Void) {
        let reply = Replying(crossOrigin: self.crossOrigin(request), work: self.work, reply)
        // Answered everywhere, also for paths that do not exist: a preflight asks about the rules, not the path.
        guard request.method != .options else { return reply(APIResponse(status: .ok)) }
        do throws(Refusal) {
            let endpoint = try self.endpoint(for: &request)
            if request.caller == nil { request.caller = try self.access.caller(of: request, for: endpoint.access) }
            if request.body.readableBytes > 0 { try Self.checkCoding(of: request) }
            try endpoint.answer(request, reply)
        } catch {
            reply(error)
        }
    }

    /// Decides on what an answer needs no body for.
    package func admit(_ request: consuming APIRequest) -> BodyAdmission {
        let limits = self.settings.limits
        guard request.method != .options else { return .upTo(limits.smallBodySize, nil) }
        do throws(Refusal) {
            let endpoint = try self.endpoint(for: &request)
            let caller = try self.access.caller(of: request, for: endpoint.access)
            try Self.checkCoding(of: request)
            return .upTo(endpoint.body == .large ? limits.bodySize : limits.smallBodySize, caller)
        } catch {
            var response = error.response
            response.crossOrigin = self.crossOrigin(request)
            return .refused(response)
        }
    }

    private func crossOrigin(_ request: borrowing APIRequest) -> CrossOriginHeaders {
        self.settings.cors.headers(for: request.fields["origin"])
    }

    private func endpoint(for request: inout APIRequest) throws(Refusal) -> Endpoint {
        // As upstream: a redirect would only hide from the caller that the secret just went over the wire in clear.
        if self.settings.enforcesHTTPS, !request.proxy.cameOverHTTPS {
            throw Refusal(.notAcceptable, "https is required.")
        }
        return try self.table.endpoint(for: &request)
    }

    /// Bodies are read as they are: a compressed one could unpack to any size.
    private static func checkCoding(of request: borrowing APIRequest) throws(Refusal) {
        let isCoded = request.fields.withValue(of: "content-encoding") { !$0.isEmpty && !$0.isToken("identity") }
        guard isCoded == true else { return }
        throw Refusal(
            .unsupportedMediaType,
            "The body has a Content-Encoding; send it as it is, without one.",
            headers: [.acceptEncoding: "identity"]
        )
    }
}

extension RequestResponder {
    /// The same, awaited.
    package func respond(to request: APIRequest) async -> APIResponse {
        await withCheckedContinuation { continuation in
            self.respond(to: request) { continuation.resume(returning: $0) }
        }
    }
}
