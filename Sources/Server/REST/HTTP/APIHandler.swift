import HTTPTypes
package import Hub
import NIOCore
import Projections
import RawJSON
package import Web

/// The HTTP API: a request becomes a command, the hub's reply becomes the response.
///
/// It knows no server, socket or clock. What the hub answers is answered without a task, on the thread on which the hub
/// replies; what other parts answer (`/listen`, `/admin…`) is plugged in by path, and gets a task a request.
package final class APIHandler: RequestResponder {
    private let settings: APISettings
    private let access: AccessControl
    private let sink: any CommandSink
    private let isAdministrator: @Sendable (APIRequest) async -> Bool
    private let handlers: [String: any RequestHandler]
    private let prefixHandlers: [(prefix: String, handler: any RequestHandler)]
    private let lookBack: LookBack?
    private let openAPI: OpenAPIDocument
    private let work: OpenWork

    /// - Parameters:
    ///   - settings: Of the configuration.
    ///   - sink: The hub.
    ///   - version: The server's own, as `/openapi.json` reports it.
    ///   - now: Seconds since 1970.
    ///   - isAdministrator: Whether the request carries the cookie of someone who is signed in.
    ///   - lookBack: Answers `/info?as_of=`; without it the parameter has no effect.
    ///   - handlers: By path. One whose path ends in `/` answers everything below that path.
    package convenience init(
        settings: APISettings,
        sink: any CommandSink,
        version: String,
        now: @escaping @Sendable () -> Int64,
        isAdministrator: @escaping @Sendable (APIRequest) async -> Bool = { _ in false },
        lookBack: LookBack? = nil,
        handlers: [String: any RequestHandler] = [:]
    ) {
        self.init(
            settings: settings,
            sink: sink,
            version: version,
            now: now,
            isAdministrator: isAdministrator,
            lookBack: lookBack,
            handlers: handlers,
            work: OpenWork()
        )
    }

    /// The same, with `work` told of the answers that tasks are making.
    init(
        settings: APISettings,
        sink: any CommandSink,
        version: String,
        now: @escaping @Sendable () -> Int64,
        isAdministrator: @escaping @Sendable (APIRequest) async -> Bool,
        lookBack: LookBack?,
        handlers: [String: any RequestHandler],
        work: OpenWork
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
        self.work = work
    }

    /// Answers a request, with the cross-origin headers.
    package func respond(to request: APIRequest, reply: @escaping @Sendable (APIResponse) -> Void) {
        let reply = Replying(crossOrigin: self.settings.cors.headers(for: request.fields["origin"]), reply)
        self.answer(request, reply)
    }

    /// Where an answer goes, and what is added to it on the way.
    private struct Replying: Sendable {
        private let crossOrigin: CrossOriginHeaders
        private let reply: @Sendable (APIResponse) -> Void

        init(crossOrigin: CrossOriginHeaders, _ reply: @escaping @Sendable (APIResponse) -> Void) {
            self.crossOrigin = crossOrigin
            self.reply = reply
        }

        func callAsFunction(_ response: consuming APIResponse) {
            response.crossOrigin = self.crossOrigin
            self.reply(response)
        }
    }

    /// Decides on what an answer needs no body for.
    package func admit(_ request: APIRequest) -> BodyAdmission {
        let admission = self.admission(of: request)
        guard case .refused(var response) = admission else { return admission }
        response.crossOrigin = self.settings.cors.headers(for: request.fields["origin"])
        return .refused(response)
    }

    private func admission(of request: APIRequest) -> BodyAdmission {
        let limits = self.settings.limits
        guard request.method != .options else { return .upTo(limits.smallBodySize, isGranted: false) }
        if let refusal = self.refusalOfScheme(request) { return .refused(refusal) }
        let admission: BodyAdmission
        if let endpoint = Endpoint(path: request.path) {
            guard endpoint.methods.contains(request.method) else {
                return .refused(.methodNotAllowed(endpoint.methods))
            }
            switch endpoint.access {
            case .everybody, .backendOrAdministrator:
                admission = .upTo(limits.smallBodySize, isGranted: false)
            case .backend:
                admission = self.access.admit(request, limits)
            }
        } else {
            guard let handler = self.handler(of: request.path) else { return .refused(.notFound) }
            guard handler.methods.contains(request.method) else { return .refused(.methodNotAllowed(handler.methods)) }
            admission = handler.admit(request, limits)
        }
        guard case .upTo = admission, let refusal = Self.refusalOfCoding(request) else { return admission }
        return .refused(refusal)
    }

    private func answer(_ request: APIRequest, _ reply: Replying) {
        // Answered everywhere, also for paths that do not exist: a preflight asks about the rules, not the path.
        guard request.method != .options else { return reply(APIResponse(status: .ok)) }
        if let refusal = self.refusalOfScheme(request) { return reply(refusal) }
        guard let endpoint = Endpoint(path: request.path) else { return self.answerElsewhere(request, reply) }
        guard endpoint.methods.contains(request.method) else { return reply(.methodNotAllowed(endpoint.methods)) }
        switch endpoint.access {
        case .everybody:
            self.answer(request, at: endpoint, reply)
        case .backend:
            if !request.isGranted, let refusal = self.access.verdict(on: request).refusal { return reply(refusal) }
            self.answer(request, at: endpoint, reply)
        case .backendOrAdministrator:
            self.work.answer {
                let isAdministrator = await self.isAdministrator(request)
                if !isAdministrator, let refusal = self.access.verdict(on: request).refusal { return reply(refusal) }
                self.answer(request, at: endpoint, reply)
            }
        }
    }

    private func answerElsewhere(_ request: APIRequest, _ reply: Replying) {
        guard let handler = self.handler(of: request.path) else { return reply(.notFound) }
        guard handler.methods.contains(request.method) else { return reply(.methodNotAllowed(handler.methods)) }
        if request.body.readableBytes > 0, let refusal = Self.refusalOfCoding(request) { return reply(refusal) }
        self.work.answer { reply(await handler.respond(to: request)) }
    }

    private func handler(of path: String) -> (any RequestHandler)? {
        self.handlers[path] ?? self.prefixHandlers.first { path.hasPrefix($0.prefix) }?.handler
    }

    /// As upstream: a redirect would only hide from the caller that the secret just went over the wire in clear.
    private func refusalOfScheme(_ request: APIRequest) -> APIResponse? {
        guard self.settings.enforcesHTTPS, !request.proxy.cameOverHTTPS else { return nil }
        return .refusal(.notAcceptable, "https is required.")
    }

    /// Bodies are read as they are: a compressed one could unpack to any size.
    private static func refusalOfCoding(_ request: APIRequest) -> APIResponse? {
        guard request.fields.withValue(of: "content-encoding", { !$0.isEmpty && !$0.isToken("identity") }) == true
        else {
            return nil
        }
        var response = APIResponse.refusal(
            .unsupportedMediaType,
            "The body has a Content-Encoding; send it as it is, without one."
        )
        response.headers[.acceptEncoding] = "identity"
        return response
    }

    private func answer(_ request: APIRequest, at endpoint: Endpoint, _ reply: Replying) {
        if request.body.readableBytes > 0, let refusal = Self.refusalOfCoding(request) { return reply(refusal) }
        if endpoint == .openAPI { return reply(.json(self.openAPI.json(basePath: request.proxy.prefix))) }
        do throws(BodyError) {
            if endpoint == .info, let lookBack = self.lookBack, request.query.value("as_of") != nil {
                let options = try self.infoOptions(request)
                self.work.answer { reply(await lookBack.info(options, request.query)) }
                return
            }
            self.sink.hand(try self.hubRequest(request, at: endpoint)) { reply(Self.response(to: $0)) }
        } catch {
            self.refuse(error, reply)
        }
    }
}

extension RequestResponder {
    /// The same, awaited.
    func respond(to request: APIRequest) async -> APIResponse {
        await withCheckedContinuation { continuation in
            self.respond(to: request) { continuation.resume(returning: $0) }
        }
    }
}

// MARK: - From bodies to commands

extension APIHandler {
    private func hubRequest(_ request: APIRequest, at endpoint: Endpoint) throws(BodyError) -> HubRequest {
        let body = request.body
        switch endpoint {
        case .message:
            return .command(try self.messageCommand(request, body: body))
        case .connect:
            return .command(.connect(try self.decode(body, ConnectBody.read)))
        case .subscribe:
            return .command(.subscribe(try self.subscription(request, body: body)))
        case .unsubscribe:
            return .command(.unsubscribe(try self.subscription(request, body: body)))
        case .userState:
            return .command(.setUserState(try self.decode(body, UserStateBody.read)))
        case .channelConfig:
            return .command(.configureChannels(try self.decode(body, ChannelConfigBody.read)))
        case .info, .openAPI:
            return .question(.info(try self.infoOptions(request)))
        case .disconnect:
            // On POST the query is not looked at.
            guard request.method == .get else {
                return .command(.disconnect(try self.decode(body, DisconnectBody.read)))
            }
            return .command(.disconnect(try Self.value(ConnectionQuery.read(request.query.value("conn_id")))))
        }
    }

    /// Nil without a body: everything.
    private func infoOptions(_ request: APIRequest) throws(BodyError) -> InfoOptions? {
        request.body.readableBytes == 0 ? nil : try self.decode(request.body, InfoBody.read)
    }

    private func messageCommand(_ request: APIRequest, body: ByteBuffer) throws(BodyError) -> Command {
        let maximumCount = self.settings.limits.batchCount
        switch request.method {
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
            if request.fields.withValue(of: "content-type", BulkBody.isMediaType) == true {
                return .postInBulk(try self.bulk(body))
            }
            return .postMessages(
                try self.decode(body) { (scanner) throws(RawJSONError) in
                    try MessageList<MessageBody>.read(from: &scanner, maximumCount: maximumCount)
                }
            )
        }
    }

    private func bulk(_ body: ByteBuffer) throws(BodyError) -> [Command.PostMessage] {
        try BulkBody.read(body.readableBytesUInt8Span, maximumDepth: self.settings.limits.depth)
    }

    private func subscription(_ request: APIRequest, body: ByteBuffer) throws(BodyError) -> Command.Subscription {
        let draft = try self.decode(body, SubscriptionBody.read)
        return try Self.value(draft.finish(queryConnection: request.query.value("conn_id")))
    }

    private func decode<Value>(
        _ body: ByteBuffer,
        _ read: (inout JSONScanner) throws(RawJSONError) -> Result<Value, ValidationFailure>
    ) throws(BodyError) -> Value {
        try RequestBody.decode(body.readableBytesUInt8Span, maximumDepth: self.settings.limits.depth, read)
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
    private static func response(to reply: Reply) -> APIResponse {
        switch reply {
        case .json(let bytes):
            return .json(bytes)
        case .invalid(let fault):
            return .invalid(fault.errors)
        case .refused:
            return .invalid(StateFault.unknownConnection.errors)
        case .attached, .missed:
            return APIResponse(status: .noContent)
        case .unavailable(let reason):
            return .unavailable(reason)
        }
    }

    private func refuse(_ error: BodyError, _ reply: Replying) {
        switch error {
        case .malformedLine(let number, let error):
            reply(.refusal(.badRequest, "Line \(number): \(error.description)"))
        case .malformed(let error):
            if case .tooDeep = error { return reply(.refusal(.unprocessableContent, error.description)) }
            reply(.refusal(.badRequest, error.description))
        case .invalid(let failure):
            guard let subject = failure.subject else { return reply(.invalid(failure.errors)) }
            self.addUnknown(subject, to: failure.errors, reply)
        }
    }

    /// Upstream looks connections and users up while it checks the rest, and tells about all of it together.
    private func addUnknown(
        _ subject: Question.Subject,
        to errors: ValidationErrors,
        _ reply: Replying
    ) {
        self.sink.ask(.find(subject)) { answer in
            var errors = errors
            if case .invalid = answer {
                switch subject {
                case .connection: errors.add(.message(.unknownConnection), at: "conn_id")
                case .user: errors.add(.message(.unknownUser), at: "user")
                }
            }
            reply(.invalid(errors))
        }
    }
}
