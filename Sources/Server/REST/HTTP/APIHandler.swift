import HTTPTypes
package import NIOCore
import Projections
import RawJSON

/// Why a body could not be read.
package enum BodyReadError: Error {
    /// Larger than ``APILimits/bodySize``; the rest of it is unread.
    case tooLarge
    /// The client went away, or sent something that is no HTTP.
    case connectionLost
}

/// The HTTP API: a request becomes a command, the hub's reply becomes the response.
///
/// It knows no server, socket or clock; ``APIResponder`` is what plugs it into one. What other parts answer
/// (`/listen`, `/ws`, `/admin…`) is plugged into it by path.
package struct APIHandler: Sendable {
    private let settings: APISettings
    private let access: AccessControl
    private let sink: any CommandSink
    private let isAdministrator: @Sendable (APIRequest) async -> Bool
    private let handlers: [String: any RequestHandler]
    private let prefixHandlers: [(prefix: String, handler: any RequestHandler)]
    private let lookBack: LookBack?
    private let openAPI: OpenAPIDocument

    /// - Parameters:
    ///   - settings: Of the configuration.
    ///   - sink: The hub.
    ///   - version: The server's own, as `/openapi.json` reports it.
    ///   - now: Seconds since 1970.
    ///   - isAdministrator: Whether the request carries the cookie of someone who is signed in.
    ///   - lookBack: Answers `/info?as_of=`; without it the parameter has no effect.
    ///   - handlers: By path. One whose path ends in `/` answers everything below that path.
    package init(
        settings: APISettings,
        sink: any CommandSink,
        version: String,
        now: @escaping @Sendable () -> Int64,
        isAdministrator: @escaping @Sendable (APIRequest) async -> Bool = { _ in false },
        lookBack: LookBack? = nil,
        handlers: [String: any RequestHandler] = [:]
    ) {
        self.settings = settings
        self.access = AccessControl(settings, now: now)
        self.sink = sink
        self.isAdministrator = isAdministrator
        self.handlers = handlers.filter { !$0.key.hasSuffix("/") }
        self.prefixHandlers = handlers.filter { $0.key.hasSuffix("/") }
            .map { (prefix: $0.key, handler: $0.value) }
            .sorted { $0.prefix.utf8.count > $1.prefix.utf8.count }
        self.lookBack = lookBack
        self.openAPI = OpenAPIDocument(version: version)
    }

    /// Answers a request, with the cross-origin headers.
    ///
    /// The request comes without its body: `readBody`, which gets the limit in bytes, is called at most once, and only
    /// when the request is worth it.
    package func respond(
        to request: APIRequest,
        readBody: (_ limit: Int) async throws(BodyReadError) -> ByteBuffer
    ) async -> APIResponse {
        var response = await self.answer(request, readBody: readBody)
        var headers = self.settings.cors.headers(for: request.headers[.origin])
        headers.append(contentsOf: response.headers)
        response.headers = headers
        return response
    }

    private func answer(
        _ request: APIRequest,
        readBody: (_ limit: Int) async throws(BodyReadError) -> ByteBuffer
    ) async -> APIResponse {
        // Answered everywhere, also for paths that do not exist: a preflight asks about the rules, not the path.
        guard request.method != .options else { return APIResponse(status: .ok) }
        // As upstream: a redirect would only hide from the caller that the secret just went over the wire in clear.
        if self.settings.enforcesHTTPS, !request.proxy.cameOverHTTPS {
            return .refusal(.notAcceptable, "https is required.")
        }
        guard let endpoint = Endpoint(path: request.path) else {
            return await self.answerElsewhere(request, readBody: readBody)
        }
        guard endpoint.methods.contains(request.method) else { return .methodNotAllowed(endpoint.methods) }
        if let refusal = await self.refusal(of: request, at: endpoint) { return refusal }
        do throws(BodyReadError) {
            let body = endpoint == .openAPI ? ByteBuffer() : try await readBody(self.settings.limits.bodySize)
            return await self.answer(request, body: body, at: endpoint)
        } catch {
            return self.refusal(of: error)
        }
    }

    private func answerElsewhere(
        _ request: APIRequest,
        readBody: (_ limit: Int) async throws(BodyReadError) -> ByteBuffer
    ) async -> APIResponse {
        let exact = self.handlers[request.path]
        let handler = exact ?? self.prefixHandlers.first { request.path.hasPrefix($0.prefix) }?.handler
        guard let handler else { return .notFound }
        do throws(BodyReadError) {
            var request = request
            request.body = try await readBody(self.settings.limits.bodySize)
            return await handler.respond(to: request)
        } catch {
            return self.refusal(of: error)
        }
    }

    private func refusal(of request: APIRequest, at endpoint: Endpoint) async -> APIResponse? {
        switch endpoint.access {
        case .everybody: return nil
        case .backend: return self.access.verdict(on: request).refusal
        case .backendOrAdministrator:
            return await self.isAdministrator(request) ? nil : self.access.verdict(on: request).refusal
        }
    }

    private func refusal(of error: BodyReadError) -> APIResponse {
        switch error {
        case .tooLarge:
            .refusal(.contentTooLarge, "The body is larger than \(self.settings.limits.bodySize) bytes.")
        case .connectionLost:
            .refusal(.badRequest, "The body was cut off.")
        }
    }

    private func answer(_ request: APIRequest, body: ByteBuffer, at endpoint: Endpoint) async -> APIResponse {
        if endpoint == .openAPI {
            return .json(self.openAPI.json(basePath: request.proxy.prefix))
        }
        do throws(BodyError) {
            if endpoint == .info, let lookBack = self.lookBack, request.query.value("as_of") != nil {
                let options = body.readableBytes == 0 ? nil : try self.decode(body, InfoBody.read)
                return await lookBack.info(options, request.query)
            }
            return self.response(to: await self.sink.submit(try self.command(request, body: body, at: endpoint)))
        } catch {
            return await self.response(to: error)
        }
    }
}

// MARK: - From bodies to commands

extension APIHandler {
    private func command(
        _ request: APIRequest,
        body: ByteBuffer,
        at endpoint: Endpoint
    ) throws(BodyError) -> Command {
        switch endpoint {
        case .message:
            return try self.messageCommand(request.method, body: body)
        case .connect:
            return .connect(try self.decode(body, ConnectBody.read))
        case .subscribe:
            return .subscribe(try self.subscription(request, body: body))
        case .unsubscribe:
            return .unsubscribe(try self.subscription(request, body: body))
        case .userState:
            return .setUserState(try self.decode(body, UserStateBody.read))
        case .channelConfig:
            return .configureChannels(try self.decode(body, ChannelConfigBody.read))
        case .info, .openAPI:
            // Without a body: everything.
            return body.readableBytes == 0 ? .info(nil) : .info(try self.decode(body, InfoBody.read))
        case .disconnect:
            // On POST the query is not looked at.
            guard request.method == .get else { return .disconnect(try self.decode(body, DisconnectBody.read)) }
            return .disconnect(try Self.value(ConnectionQuery.read(request.query.value("conn_id"))))
        }
    }

    private func messageCommand(_ method: HTTPRequest.Method, body: ByteBuffer) throws(BodyError) -> Command {
        let maximumCount = self.settings.limits.batchCount
        switch method {
        case .patch:
            return .editMessages(
                try self.decode(body) { (scanner) throws(RawJSONError) in
                    try MessageList<MessageEditBody>.read(from: &scanner, maximumCount: maximumCount)
                }
            )
        case .delete:
            return .deleteMessages(
                try self.decode(body) { (scanner) throws(RawJSONError) in
                    try MessageList<MessageDeleteBody>.read(from: &scanner, maximumCount: maximumCount)
                }
            )
        default:
            return .postMessages(
                try self.decode(body) { (scanner) throws(RawJSONError) in
                    try MessageList<MessageBody>.read(from: &scanner, maximumCount: maximumCount)
                }
            )
        }
    }

    private func subscription(_ request: APIRequest, body: ByteBuffer) throws(BodyError) -> Command.Subscription {
        let draft = try self.decode(body, SubscriptionBody.read)
        return try Self.value(draft.finish(queryConnection: request.query.value("conn_id")))
    }

    private func decode<Value>(
        _ body: ByteBuffer,
        _ read: (inout JSONScanner) throws(RawJSONError) -> Result<Value, ValidationFailure>
    ) throws(BodyError) -> Value {
        // `withUnsafeReadableBytes` knows no typed errors, so that the result travels as a value.
        let result = body.withUnsafeReadableBytes { bytes in
            do throws(BodyError) {
                return Result<Value, BodyError>.success(
                    try RequestBody.decode(bytes, maximumDepth: self.settings.limits.depth, read)
                )
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func value<Value>(_ result: Result<Value, ValidationFailure>) throws(BodyError) -> Value {
        switch result {
        case .success(let value): return value
        case .failure(let failure): throw .invalid(failure)
        }
    }
}

// MARK: - From replies and errors to responses

extension APIHandler {
    private func response(to reply: Reply) -> APIResponse {
        switch reply {
        case .json(let bytes):
            return .json(bytes)
        case .invalid(let bytes):
            return .json(bytes, status: .unprocessableContent)
        case .refused:
            return .json(StateErrors.unknownConnection, status: .unprocessableContent)
        case .attached:
            return APIResponse(status: .noContent)
        case .unavailable(let reason):
            return .unavailable(reason)
        }
    }

    private func response(to error: BodyError) async -> APIResponse {
        switch error {
        case .malformed(let error):
            if case .tooDeep = error { return .refusal(.unprocessableContent, error.description) }
            return .refusal(.badRequest, error.description)
        case .invalid(let failure):
            guard let connection = failure.connection else { return .invalid(failure.errors) }
            return .invalid(await self.addingUnknown(connection, to: failure.errors))
        }
    }

    /// Upstream looks a connection up while it checks the rest, and tells about all of it together.
    ///
    /// Leaving no channel at all is the one command that asks for a connection and changes nothing.
    private func addingUnknown(_ connection: ConnectionID, to errors: ValidationErrors) async -> ValidationErrors {
        let probe = Command.unsubscribe(Command.Subscription(connection: connection, channels: []))
        guard case .invalid = await self.sink.submit(probe) else { return errors }
        var errors = errors
        errors.add(.message(.unknownConnection), at: "conn_id")
        return errors
    }
}
