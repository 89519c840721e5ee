import HTTPTypes
package import Hummingbird
package import HummingbirdCore
package import NIOCore

/// Plugs an ``APIHandler`` into Hummingbird.
///
/// It stands where a router would: the handler finds its endpoints by itself, without an allocation a request.
package struct APIResponder: HTTPResponder {
    package typealias Context = APIRequestContext

    private let handler: APIHandler
    private let settings: APISettings

    package init(handler: APIHandler, settings: APISettings) {
        self.handler = handler
        self.settings = settings
    }

    package func respond(to request: Request, context: APIRequestContext) async -> Response {
        let target = request.head.path ?? ""
        guard target.utf8.count <= self.settings.limits.targetSize else {
            return self.response(
                .refusal(.uriTooLong, "The URL is too long."),
                to: request,
                context,
                bodyWasRead: false
            )
        }
        let isSecure = request.head.scheme == "https"
        let apiRequest = APIRequest(
            method: request.method,
            target: target,
            authority: request.head.authority,
            headers: request.headers,
            remote: context.channel.remoteAddress.flatMap(IPAddress.init),
            isSecure: isSecure,
            forcedScheme: self.settings.scheme
        )
        var bodyWasRead = false
        let response = await self.handler.respond(to: apiRequest) { (limit) async throws(BodyReadError) in
            let body = try await Self.read(request, limit: limit)
            bodyWasRead = true
            return body
        }
        return self.response(response, to: request, context, bodyWasRead: bodyWasRead)
    }

    private static func read(_ request: Request, limit: Int) async throws(BodyReadError) -> ByteBuffer {
        if let announced = request.announcedBodySize, announced > limit { throw .tooLarge }
        do {
            return try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw .tooLarge
        } catch {
            throw .connectionLost
        }
    }

    private func response(
        _ response: APIResponse,
        to request: Request,
        _ context: APIRequestContext,
        bodyWasRead: Bool
    ) -> Response {
        guard !bodyWasRead, request.isBodyUnbounded(limit: self.settings.limits.bodySize) else {
            return Response(
                status: response.status,
                headers: response.headers,
                body: ResponseBody(byteBuffer: response.body)
            )
        }
        var headers = response.headers
        headers[.connection] = "close"
        let closing = LingeringClose(request: request, channel: context.channel)
        let body = ResponseBody(contentLength: response.body.readableBytes) { writer in
            try await writer.write(response.body)
            try await writer.finish(nil)
            await closing.run()
        }
        return Response(status: response.status, headers: headers, body: body)
    }
}

/// Ends a connection whose client is still sending a body that nobody wants.
///
/// Hummingbird would read such a body to its end before the next request, however long it is. Closing at once would
/// reset the connection, and the client might never see the answer; so a little more is read and thrown away, bounded in
/// bytes and in time.
struct LingeringClose: Sendable {
    static let maximumSize = 4 * 1024 * 1024
    static let maximumTime = TimeAmount.seconds(2)

    let request: Request
    let channel: any Channel

    func run() async {
        let channel = self.channel
        let timeout = channel.eventLoop.scheduleTask(in: Self.maximumTime) { channel.close(promise: nil) }
        var size = 0
        do {
            for try await part in self.request.body {
                size += part.readableBytes
                if size > Self.maximumSize { break }
            }
        } catch {
            // The client is gone, which is all that this waits for.
        }
        timeout.cancel()
        channel.close(promise: nil)
    }
}

/// What Hummingbird hands along with a request.
package struct APIRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    package let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        self.coreContext = CoreRequestContextStorage(source: source)
        self.channel = source.channel
    }
}

extension Request {
    fileprivate var announcedBodySize: Int? {
        self.headers[.contentLength].flatMap { Int($0) }
    }

    /// Whether more may follow than one is willing to read past: a chunked body, or one that is announced as too large.
    fileprivate func isBodyUnbounded(limit: Int) -> Bool {
        if let announced = self.announcedBodySize { return announced > limit }
        return self.headers[.transferEncoding] != nil
    }
}
