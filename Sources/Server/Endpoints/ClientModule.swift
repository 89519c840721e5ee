import HTTPTypes
import LogValues
import NIOCore
import Web

/// The client for browsers, served where Channelstream 0.7.1 serves its own, so that pages go on to find one there.
///
/// It is `clients/js`, compiled in: the server stays one file, and is never of another release than its client.
enum ClientModule {
    /// `GET /static/channelstream/{name}`.
    static let endpoint = Endpoint(.get, "/static/channelstream/{name}", for: .everybody) {
        (request, reply) throws(Refusal) in
        guard let file = Self.file(named: String(decoding: request.variable, as: UTF8.self)) else { throw .notFound }
        reply(file.response(ifNoneMatch: request.fields["if-none-match"]))
    }

    /// Upstream's module was several; whichever of them a page imports, it finds all there is in the one of ours.
    private static func file(named name: String) -> ServedFile? {
        switch name {
        case "channelstream.js", "index.js", "signer.js": self.module
        case "channelstream.d.ts": self.types
        default: nil
        }
    }

    private static let module = ServedFile(PackageResources.channelstream_js, "text/javascript; charset=utf-8")
    private static let types = ServedFile(PackageResources.channelstream_d_ts, "text/plain; charset=utf-8")
}

/// A file that changes with the server only.
private struct ServedFile: Sendable {
    private let body: ByteBuffer
    private let headers: HTTPFields
    private let tag: String

    init(_ bytes: [UInt8], _ contentType: String) {
        self.body = ByteBuffer(bytes: bytes)
        let tag = "\"\(Hash256(hashing: bytes))\""
        self.tag = tag
        // It is asked for each time, and sent once: its address tells no release, and an old client may not know the hub.
        self.headers = [
            .contentType: contentType, .eTag: tag, .cacheControl: "no-cache", .xContentTypeOptions: "nosniff",
        ]
    }

    /// The file, or 304 if one of the tags that the client knows it by is the right one.
    func response(ifNoneMatch known: String?) -> APIResponse {
        let isKnown = known?.split(separator: ",").contains { tag in
            let tag = tag.trimmingBlanks
            return tag == "*" || (tag.hasPrefix("W/") ? tag.dropFirst(2) : tag[...]) == self.tag
        }
        guard isKnown == true else { return APIResponse(status: .ok, headers: self.headers, body: self.body) }
        return APIResponse(status: .notModified, headers: self.headers)
    }
}
