import Crypto
import HTTPTypes
import LogValues
import Projections
package import Web

/// Whether a request opens a websocket (RFC 6455, section 4.2.1), decided from its head alone.
package struct WebSocketHandshake: Sendable {
    enum Verdict: Equatable {
        /// An ordinary request.
        case notForUs
        case accept(Accepted)
        case refuse(Refusal)
    }

    struct Accepted: Equatable {
        enum Purpose: Equatable {
            case listen(ConnectionID)
            case echo
        }

        let purpose: Purpose
        /// The value of `Sec-WebSocket-Accept`.
        let acceptance: String
    }

    package var allowedOrigins = AllowedOrigins.any
    /// Whether `/ws-echo` exists: for conformance tests of the protocol only.
    package var offersEcho = false

    package init() {}

    func judge(_ head: HTTPRequestHead) -> Verdict {
        guard head.method == .get || head.method == .head else { return .notForUs }
        let target = head.target
        let questionMark = target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        switch ProxyContext.path(String(target[..<questionMark]), seenBy: head.fields) {
        case "/ws":
            return self.judge(head) { () throws(Refusal) in
                .listen(
                    try Parameters.read(QueryParameters(target[questionMark...].dropFirst())) {
                        $0.requiredUUID("conn_id")
                    }
                )
            }
        case "/ws-echo" where self.offersEcho:
            return self.judge(head) { () throws(Refusal) in .echo }
        default:
            return .notForUs
        }
    }

    private func judge(
        _ head: HTTPRequestHead,
        purpose: () throws(Refusal) -> Accepted.Purpose
    ) -> Verdict {
        do throws(Refusal) {
            let key = try self.key(of: head)
            return .accept(Accepted(purpose: try purpose(), acceptance: Self.acceptance(of: key)))
        } catch {
            return .refuse(error)
        }
    }

    private func key(of head: HTTPRequestHead) throws(Refusal) -> String {
        let fields = head.fields.httpFields
        // HEAD is answered as GET, and opens no socket.
        guard head.method == .get, let upgrade = fields[.upgrade], upgrade.names("websocket") else {
            throw Self.noHandshake
        }
        let malformed = Refusal.malformed("The websocket handshake is malformed.")
        guard head.minorVersion == 1, head.wantsUpgrade, head.framing == .none else { throw malformed }
        guard fields[.secWebSocketVersion] == "13" else {
            throw Refusal(
                .upgradeRequired,
                "Only version 13 of the websocket protocol is spoken.",
                headers: [.secWebSocketVersion: "13"]
            )
        }
        guard let key = fields[.secWebSocketKey], Self.isKey(key) else { throw malformed }
        guard self.allowedOrigins.allows(fields[.origin]) else {
            throw Refusal(.forbidden, "Pages of this origin may not listen.")
        }
        return key
    }

    package static let noHandshake = Refusal(
        .upgradeRequired,
        "Only websockets are served here.",
        headers: [.upgrade: "websocket", .secWebSocketVersion: "13"]
    )

    /// Whether this is 16 bytes in base64: 22 digits and two signs of padding (two keys would be joined by a comma).
    private static func isKey(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        return bytes.count == 24 && bytes.suffix(2).elementsEqual("==".utf8)
            && bytes.prefix(22).allSatisfy(Base64.standard.isDigit)
    }

    /// Fixed by RFC 6455, section 1.3.
    static func acceptance(of key: String) -> String {
        let text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        return Base64.standard.encode(Array(Insecure.SHA1.hash(data: Array(text.utf8))))
    }
}

extension String {
    /// Whether a list of tokens names this one, in any case.
    fileprivate func names(_ token: String) -> Bool {
        self.lowercased().split(separator: ",").contains { $0.trimmingBlanks == token }
    }
}
