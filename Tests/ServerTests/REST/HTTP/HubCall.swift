import HTTPTypes
import NIOCore

@testable import Hub
@testable import Server
@testable import Web

/// Calls to the endpoints of a hub that is the test.
enum HubCall {
    static let now: Int64 = 1_600_000_000
    static let signature = TimestampSigner(secret: "secret").sign("channelstream", at: Self.now)
    static let uuid = "11111111-2222-4333-8444-555555555555"
    static let backend: [(method: HTTPRequest.Method, path: String)] = [
        (.post, "/connect"), (.post, "/subscribe"), (.post, "/unsubscribe"), (.post, "/user_state"),
        (.post, "/message"), (.patch, "/message"), (.delete, "/message"), (.post, "/channel_config"),
        (.post, "/info"), (.get, "/info"), (.get, "/openapi.json"),
    ]

    static func router(settings: APISettings = APISettings(), to sink: ScriptedSink) -> Router {
        let hub = HubEndpoints(sink: sink, limits: settings.limits)
        return Router(OpenAPI.describing(hub.all, version: "1"), settings: settings, now: Self.now)
    }

    static func send(
        _ method: HTTPRequest.Method,
        _ target: String,
        _ body: String,
        headers: HTTPFields = [:],
        signed: Bool = true,
        remote: String = "127.0.0.1",
        settings: APISettings = APISettings(),
        to sink: ScriptedSink
    ) async -> APIResponse {
        var headers = headers
        if signed {
            headers[.channelstreamSecret] = self.signature
        }
        var request = APIRequest(method: method, target: target, headers: headers, remote: IPAddress(remote))
        request.body = ByteBuffer(string: body)
        return await self.router(settings: settings, to: sink).respond(to: request)
    }
}

extension APIResponse {
    var text: String { String(buffer: self.body) }

    var json: JSONValue {
        get throws { try JSONValue(self.text) }
    }
}
