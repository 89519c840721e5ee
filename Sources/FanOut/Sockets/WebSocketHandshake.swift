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
        case refuse(UpgradeRefusal)
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
        let path = Self.cutPrefix(head.fields["x-script-name"], from: target[..<questionMark])
        switch path {
        case "/ws":
            return self.judge(head) {
                let query = QueryParameters(target[questionMark...].dropFirst())
                guard let text = query.value("conn_id") else { return .missingConnection }
                return ConnectionID(lenient: text).map(Subject.connection) ?? .malformedConnection
            }
        case "/ws-echo" where self.offersEcho:
            return self.judge(head) { .echo }
        default:
            return .notForUs
        }
    }

    private enum Subject {
        case echo
        case connection(ConnectionID)
        case missingConnection
        case malformedConnection
    }

    private func judge(_ head: HTTPRequestHead, subject: () -> Subject) -> Verdict {
        let fields = head.fields.httpFields
        // HEAD is answered as GET, and opens no socket.
        guard head.method == .get, let upgrade = fields[.upgrade], upgrade.names("websocket") else {
            return .refuse(
                UpgradeRefusal(
                    status: .upgradeRequired,
                    headers: [.upgrade: "websocket", .secWebSocketVersion: "13"],
                    body: #"{"request": ["Only websockets are served here."]}"#
                )
            )
        }
        guard head.minorVersion == 1, head.wantsUpgrade, head.framing == .none else { return Self.malformed }
        guard fields[.secWebSocketVersion] == "13" else {
            return .refuse(
                UpgradeRefusal(
                    status: .upgradeRequired,
                    headers: [.secWebSocketVersion: "13"],
                    body: #"{"request": ["Only version 13 of the websocket protocol is spoken."]}"#
                )
            )
        }
        guard let key = fields[.secWebSocketKey], Self.isKey(key) else { return Self.malformed }
        guard self.allowedOrigins.allows(fields[.origin]) else {
            return .refuse(
                UpgradeRefusal(status: .forbidden, body: #"{"request": ["Pages of this origin may not listen."]}"#)
            )
        }
        switch subject() {
        case .echo:
            return .accept(Accepted(purpose: .echo, acceptance: Self.acceptance(of: key)))
        case .connection(let connection):
            return .accept(Accepted(purpose: .listen(connection), acceptance: Self.acceptance(of: key)))
        case .missingConnection:
            return .refuse(
                UpgradeRefusal(
                    status: .unprocessableContent,
                    body: #"{"conn_id": ["Missing data for required field."]}"#
                )
            )
        case .malformedConnection:
            return .refuse(UpgradeRefusal(status: .unprocessableContent, body: #"{"conn_id": ["Not a valid UUID."]}"#))
        }
    }

    private static let malformed = Verdict.refuse(
        UpgradeRefusal(status: .badRequest, body: #"{"request": ["The websocket handshake is malformed."]}"#)
    )

    private static func cutPrefix(_ prefix: String?, from path: Substring) -> Substring {
        guard var prefix = prefix?[...], prefix.first == "/" else { return path }
        while prefix.last == "/" { prefix.removeLast() }
        guard path.hasPrefix(prefix) else { return path }
        let rest = path.dropFirst(prefix.count)
        return rest.first == "/" ? rest : path
    }

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
