package import NIOCore

/// The bounds of one connection: how much it may ask for, and how long it may take.
package struct HTTPConnectionSettings: Sendable {
    /// Request line and headers, in bytes; beyond it 431.
    package var headSize = 32 * 1024
    /// Path and query, in bytes; beyond it 414.
    package var targetSize = 8 * 1024
    /// Beyond it 431.
    package var fieldCount = 200
    /// A request's body, in bytes; beyond it 413, before it is read where it is announced.
    package var bodySize = 8 * 1024 * 1024
    /// A body of which no more than the size is looked at before it is read, in bytes: what a stranger may have kept.
    package var smallBodySize = APILimits.unsignedBodySize

    /// From the first byte of a request to the end of its headers, and from the connection's start to its first request.
    package var headTimeout = TimeAmount.seconds(10)
    /// Without a byte of a body.
    package var bodyTimeout = TimeAmount.seconds(30)
    /// A body has this many bytes a second on average, or else `bodyGrace` to be done.
    package var bodyRate = 4 * 1024
    package var bodyGrace = TimeAmount.seconds(15)
    /// Between two requests.
    ///
    /// Longer than the 60 seconds that proxies commonly keep a connection for, so that they close first.
    package var keepAliveTimeout = TimeAmount.seconds(75)
    /// A client that takes nothing of its answer.
    package var writeTimeout = TimeAmount.seconds(60)
    /// A client that is to close after the answer, and sends nothing; `bodyGrace` bounds one that goes on sending.
    package var lingerTimeout = TimeAmount.seconds(2)
    /// Bytes that are thrown away meanwhile: a body that is refused as too large is taken, if it can be expected of anybody,
    /// since a client that is cut off while it sends sees a broken connection and not the answer.
    package var lingerSize = 16 * 1024 * 1024

    /// Open connections, websockets included; beyond it 503.
    package var connectionCount = 65_536
    package var socket = SocketSettings()

    /// Headers of the answers that are given without asking the responder.
    package var crossOrigin = CORSPolicy.everyone.headers(for: nil)
    /// The scheme of links, whatever a proxy says (`http_scheme`): `http` or `https`.
    package var forcedScheme: String?
    /// Proxies whose `X-Forwarded-Proto` is believed (`trusted_proxies`).
    package var trustedProxies = AddressRules.loopback

    package init() {}
}
