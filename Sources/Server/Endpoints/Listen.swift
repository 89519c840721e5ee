import FanOut
import HTTPTypes
import LogValues
import NIOCore
import Projections
import Web

/// The endpoints at which clients listen: `GET /listen`, and `GET /ws`, which a connection takes up before it gets there.
struct ListenEndpoints: Sendable {
    let fanOut: FanOut

    var all: [Endpoint] { [self.listen, self.webSocket] }

    /// The same messages as on `/ws`, one list an answer, as JSON or, with `callback`, as JSONP.
    private var listen: Endpoint {
        let operation = Operation(
            "listen",
            "Waits for messages (long polling)",
            tag: "Client API",
            parameters: [
                .connection, .query("callback", "A function that the answer calls with the list (JSONP)"),
            ],
            answers: "Frames",
            refusals: [422, 503],
            ownRefusals: [400: "callback is no name", 401: "Unknown connection"]
        )
        return Endpoint(.get, "/listen", for: .everybody, operation, making: self.listen)
    }

    /// No request gets to this endpoint, since ``WebSocketHandshake`` judges before it.
    ///
    /// It stands in the table to be described, and so that other methods are told which is right.
    private var webSocket: Endpoint {
        let operation = Operation(
            "ws",
            "Opens a WebSocket that receives messages",
            tag: "Client API",
            parameters: [.connection],
            answers: .upgrade("The protocol changes to WebSocket; text frames hold Frames"),
            status: 101,
            refusals: [422, 503],
            ownRefusals: [
                400: "The WebSocket handshake is malformed", 401: "Unknown connection",
                403: "Pages of this origin may not listen", 426: "No WebSocket handshake",
            ]
        )
        return Endpoint(.get, "/ws", for: .everybody, operation) { (_, _) throws(Refusal) in
            throw WebSocketHandshake.noHandshake
        }
    }

    private func listen(_ request: APIRequest) async throws(Refusal) -> APIResponse {
        let connection = try Parameters.read(request.query) { $0.requiredUUID("conn_id") }
        var callback: JSONPCallback?
        if let text = request.query.value("callback") {
            guard let valid = JSONPCallback(text) else {
                throw .malformed("callback has to be a JavaScript name, such as app.onMessages.")
            }
            callback = valid
        }
        switch await self.fanOut.poll(connection) {
        case .list(let json):
            var response = callback?.response(with: json) ?? .json(json)
            response.countedSize = json.count > UnsentAnswers.smallSize ? json.count : 0
            return response
        case .unknownConnection: throw Refusal(.unauthorized, "Unknown connection.")
        case .unavailable: throw .unavailable("The server takes no listeners at the moment.")
        }
    }
}

/// The function that a JSONP answer calls: names joined by dots, so that nothing else can stand in the script.
struct JSONPCallback: Sendable, Equatable {
    /// In bytes.
    static let maximumSize = 128

    private let name: [UInt8]

    /// Reads a name; nil for anything but a (dotted) identifier in ASCII.
    init?(_ text: [UInt8]) {
        guard text.count <= Self.maximumSize,
            text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy(Self.isIdentifier)
        else { return nil }
        self.name = text
    }

    private static func isIdentifier(_ part: ArraySlice<UInt8>) -> Bool {
        guard let first = part.first, !self.isDigit(first) else { return false }
        return part.allSatisfy { byte in
            self.isDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// `name(LIST)`, as a script.
    func response(with json: [UInt8]) -> APIResponse {
        var script = self.name
        script.append(UInt8(ascii: "("))
        Self.append(json, to: &script)
        script.append(UInt8(ascii: ")"))
        var headers = HTTPFields()
        headers[.contentType] = "application/javascript; charset=utf-8"
        headers[.xContentTypeOptions] = "nosniff"
        return APIResponse(status: .ok, headers: headers, body: ByteBuffer(bytes: script))
    }

    /// U+2028 and U+2029 end a line in JavaScript before ES2019, and may stand in JSON strings.
    private static func append(_ json: [UInt8], to script: inout [UInt8]) {
        var index = 0
        while index < json.count {
            if index + 2 < json.count, json[index] == 0xE2, json[index + 1] == 0x80, json[index + 2] & 0xFE == 0xA8 {
                script += json[index + 2] == 0xA8 ? Array(#"\u2028"#.utf8) : Array(#"\u2029"#.utf8)
                index += 3
            } else {
                script.append(json[index])
                index += 1
            }
        }
    }
}
