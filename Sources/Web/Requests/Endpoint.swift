package import HTTPTypes

/// A line of the table of endpoints: what is said about a method of a path, and who answers.
package final class Endpoint: Sendable {
    /// Answers a request that may be made; throws nothing once it has answered, or has handed the answer to somebody.
    package typealias Answer = @Sendable (APIRequest, Replying) throws(Refusal) -> Void

    /// How large a body may be.
    package enum Body: Sendable, Hashable {
        /// Up to the size that may be taken from anybody.
        case small
        /// Up to the size that may be taken from somebody who may call, which is known before the body comes.
        case large
    }

    package let method: HTTPRequest.Method
    package let path: PathPattern
    package let access: Access
    package let body: Body
    /// How it is described; nil for what only browsers ask for.
    package let operation: Operation?
    let answer: Answer

    /// An endpoint that answers without a task, on the thread that asks or on another.
    package init(
        _ method: HTTPRequest.Method,
        _ path: PathPattern,
        for access: Access,
        body: Body = .small,
        _ operation: Operation? = nil,
        answer: @escaping Answer
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.body = body
        self.operation = operation
        self.answer = answer
    }

    /// An endpoint whose answers take time, or may wait for a disk: they are made by a task each.
    package convenience init(
        _ method: HTTPRequest.Method,
        _ path: PathPattern,
        for access: Access,
        body: Body = .small,
        _ operation: Operation? = nil,
        making make: @escaping @Sendable (APIRequest) async throws(Refusal) -> APIResponse
    ) {
        self.init(method, path, for: access, body: body, operation) { request, reply in
            reply.later { () async throws(Refusal) in try await make(request) }
        }
    }
}

/// A path of the table; `{…}` in it, once at most, stands for anything but nothing, slashes included.
package struct PathPattern: Sendable, Hashable, ExpressibleByStringLiteral {
    package let text: String
    private let start: String
    /// The text behind the variable; nil in a path that stands for itself.
    private let end: String?

    package init(stringLiteral text: String) { self.init(text) }

    package init(_ text: String) {
        self.text = text
        guard let open = text.firstIndex(of: "{"), let close = text.firstIndex(of: "}") else {
            self.start = text
            self.end = nil
            return
        }
        self.start = String(text[..<open])
        self.end = String(text[close...].dropFirst())
    }

    var isFixed: Bool { self.end == nil }

    /// The part of a path where the pattern has its braces, percent-decoded; nil if the path is another one.
    ///
    /// `%2F` and `/` are the same there.
    func variable(in path: String) -> [UInt8]? {
        guard let end = self.end, path.utf8.count > self.start.utf8.count + end.utf8.count,
            path.utf8.starts(with: self.start.utf8), path.utf8.reversed().starts(with: end.utf8.reversed())
        else { return nil }
        return PercentDecoding.decode(path.utf8.dropFirst(self.start.utf8.count).dropLast(end.utf8.count))
    }
}
