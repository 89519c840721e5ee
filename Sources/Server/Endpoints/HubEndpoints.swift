import HTTPTypes
package import Hub
import NIOCore
import RawJSON
package import Web

/// The endpoints at which backends command the hub, an endpoint a file: a body becomes a command, the hub's reply the answer.
///
/// They are answered without a task, on the thread on which the hub replies.
package struct HubEndpoints: Sendable {
    let sink: any CommandSink
    let limits: APILimits
    /// Answers `/info?as_of=`; without it the parameter has no effect.
    let lookBack: LookBack?

    package init(sink: any CommandSink, limits: APILimits, lookBack: LookBack? = nil) {
        self.sink = sink
        self.limits = limits
        self.lookBack = lookBack
    }

    package var all: [Endpoint] {
        [
            self.connect, self.subscribe, self.unsubscribe, self.userState, self.channelConfig, self.infoAll, self.info,
            self.postMessages, self.editMessages, self.deleteMessages, self.disconnect, self.disconnectPosted,
        ]
    }
}

extension HubEndpoints {
    /// An endpoint for backends that reads its body with `read`.
    func backend<Value>(
        _ method: HTTPRequest.Method,
        _ path: PathPattern,
        _ operation: Operation,
        _ read: @escaping Read<Value>,
        _ command: @escaping @Sendable (Value) -> Command
    ) -> Endpoint {
        Endpoint(method, path, for: .backend, body: .large, operation) { (request, reply) throws(Refusal) in
            self.submit(reply) { () throws(BodyError) in command(try self.decode(request.body, read)) }
        }
    }

    typealias Read<Value> =
        @Sendable (inout JSONScanner) throws(RawJSONError) -> Result<Value, ValidationFailure>

    func decode<Value>(_ body: ByteBuffer, _ read: Read<Value>) throws(BodyError) -> Value {
        try RequestBody.decode(body, maximumDepth: self.limits.depth, read)
    }

    /// Hands the hub a command, and its reply to whoever made the request.
    func submit(_ reply: Replying, _ command: () throws(BodyError) -> Command) {
        do throws(BodyError) {
            self.sink.submit(try command()) { reply(Self.answer(to: $0)) }
        } catch {
            guard case .invalid(let failure) = error, let subject = failure.subject else {
                return reply(Refusal(error))
            }
            self.refuse(failure.errors, addingUnknown: subject, reply)
        }
    }

    /// Upstream looks connections and users up while it checks the rest, and tells about all of it together.
    private func refuse(
        _ errors: ValidationErrors,
        addingUnknown subject: Question.Subject,
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
            reply(Refusal(errors))
        }
    }

    static func answer(to reply: Reply) -> APIResponse {
        switch reply {
        case .json(let bytes): .json(bytes)
        case .invalid(let fault): Refusal(fault.errors).response
        case .refused: Refusal(StateFault.unknownConnection.errors).response
        case .attached, .missed: APIResponse(status: .noContent)
        case .unavailable(let reason): Refusal.unavailable(reason).response
        }
    }
}

extension Refusal {
    /// The refusal of a body that became no command.
    init(_ error: BodyError) {
        switch error {
        case .malformedLine(let number, let error): self = .malformed("Line \(number): \(error.description)")
        case .malformed(let error):
            if case .tooDeep = error {
                self.init(.unprocessableContent, error.description)
            } else {
                self = .malformed(error.description)
            }
        case .invalid(let failure): self.init(failure.errors)
        }
    }
}

extension Operation.Parameter {
    static let connection = Self.query("conn_id", "The connection", format: "uuid", isRequired: true)
}
