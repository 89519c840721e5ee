package import HTTPTypes
package import Hub
import NIOPosix
package import Web

extension Endpoint {
    /// An endpoint that needs an open log: until there is one, it is 503.
    package convenience init(
        _ method: HTTPRequest.Method,
        _ path: PathPattern,
        for access: Access,
        body: Body = .small,
        _ operation: Operation,
        from gate: LogGate,
        making make: @escaping @Sendable (APIRequest, OpenLog) async throws(Refusal) -> APIResponse
    ) {
        self.init(method, path, for: access, body: body, operation.of(refusing: [503])) {
            (request) async throws(Refusal) in
            try await make(request, gate.openLog)
        }
    }

    /// Runs `body` where it may wait for a disk; what it cannot read is 500.
    package static func reading<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws(Refusal) -> Value {
        do {
            return try await NIOThreadPool.singleton.runIfActive(body)
        } catch {
            throw Refusal(.internalServerError, "\(error)")
        }
    }
}

extension LogGate {
    /// The log, for whoever cannot answer without it.
    package var openLog: OpenLog {
        get throws(Refusal) {
            guard let log = self.log else { throw .unavailable("The log is being replayed; try again.") }
            return log
        }
    }
}
