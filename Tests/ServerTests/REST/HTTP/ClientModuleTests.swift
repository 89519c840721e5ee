import Foundation
import HTTPTypes
import NIOCore
import Testing

@testable import Server
@testable import Web

@Suite("The client for browsers, as it is served")
struct ClientModuleTests {
    private static func get(_ name: String, _ headers: HTTPFields = [:]) async -> APIResponse {
        let router = Router([ClientModule.endpoint], now: 1_500_000_000)
        return await router.respond(
            to: APIRequest(method: .get, target: "/static/channelstream/\(name)", headers: headers)
        )
    }

    @Test(
        "a page finds the module of clients/js under each name that 0.7.1 has, as a script that it may run",
        arguments: ["channelstream.js", "index.js", "signer.js"]
    )
    func servesTheModule(name: String) async throws {
        let response = await Self.get(name)
        #expect(response.status == .ok)
        #expect(String(buffer: response.body) == (try Checkout.text("clients/js/channelstream.js")))
        #expect(response.headers[.contentType] == "text/javascript; charset=utf-8")
        #expect(response.crossOrigin?.fields[.accessControlAllowOrigin] == "*")
    }

    @Test("its types stand beside it, and nothing else does", arguments: ["", "package.json", "../channelstream.js"])
    func servesTheTypes(other: String) async throws {
        let types = await Self.get("channelstream.d.ts")
        #expect(String(buffer: types.body) == (try Checkout.text("clients/js/channelstream.d.ts")))
        #expect(await Self.get(other).status == .notFound)
    }

    @Test("who has it already is told so, and is not sent it again", arguments: ["%@", "\"other\", W/%@", "*"])
    func isAskedForEachTime(known: String) async throws {
        let first = await Self.get("channelstream.js")
        let tag = try #require(first.headers[.eTag])
        #expect(first.headers[.cacheControl] == "no-cache")
        let again = await Self.get("channelstream.js", [.ifNoneMatch: known.replacing("%@", with: tag)])
        #expect(again.status == .notModified)
        #expect(again.headers[.eTag] == tag)
        #expect(again.body.readableBytes == 0)
        #expect(await Self.get("channelstream.js", [.ifNoneMatch: "\"other\""]).status == .ok)
    }
}
