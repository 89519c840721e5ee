import NIOCore
import Web

/// The bytes that a websocket has received and not dealt with yet.
///
/// Most sockets have nothing of it, most of the time; so it is an object that is made when it is needed.
final class WebSocketInbound {
    var parser: WebSocketFrameParser
    /// Bytes to be read once there is a listener.
    var kept: ByteBuffer?
    /// The latest ping that could not be answered: only the last one has to be (RFC 6455, section 5.5.3).
    var unansweredPing: [UInt8]?

    init(for purpose: WebSocketHandler.Purpose, _ settings: FanOutSettings) {
        switch purpose {
        case .listen:
            let size = UInt64(max(0, settings.messageSize))
            self.parser = WebSocketFrameParser(
                limits: .init(frameSize: size, messageSize: size, fragmentCount: settings.fragmentCount)
            )
        case .echo:
            // The Autobahn suite sends messages of that size.
            self.parser = WebSocketFrameParser(
                limits: .init(frameSize: 16 << 20, messageSize: 16 << 20, fragmentCount: 1 << 20),
                keepsMessages: true
            )
        }
    }

    /// Whether a new one would do.
    var isAtRest: Bool { self.parser.isAtRest && self.kept == nil && self.unansweredPing == nil }
}
