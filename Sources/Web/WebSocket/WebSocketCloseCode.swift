/// The code of a close frame (RFC 6455, section 7.4, and IANA's registry).
package struct WebSocketCloseCode: Hashable, Sendable {
    let rawValue: UInt16

    /// The application ended the connection.
    package static let normal = WebSocketCloseCode(rawValue: 1000)
    /// The server stops.
    package static let goingAway = WebSocketCloseCode(rawValue: 1001)
    static let protocolError = WebSocketCloseCode(rawValue: 1002)
    /// A text that is no UTF-8.
    static let invalidData = WebSocketCloseCode(rawValue: 1007)
    static let messageTooBig = WebSocketCloseCode(rawValue: 1009)
    /// What the client missed is no longer at hand: connect again.
    package static let tryAgainLater = WebSocketCloseCode(rawValue: 1013)
    /// A newer listener took up the connection.
    package static let replaced = WebSocketCloseCode(rawValue: 4000)

    /// Whether a client may send it in a frame.
    var isAllowedOnTheWire: Bool {
        switch self.rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

extension WebSocketCloseCode? {
    /// Whether a client that sends it is done with its connection: it is finished, goes away, or has a reason of its own;
    /// all others tell of trouble, after which it may come back.
    package var endsConnection: Bool {
        guard let code = self?.rawValue else { return true }
        return code == 1000 || code == 1001 || code >= 3000
    }
}
