package import NIOCore
import Web

/// Parts of the hot path, for the benchmarks that measure them alone; nothing else calls these.
///
/// They are handed out here so that the parts themselves stay internal.
package enum HotPathParts {
    /// A websocket text frame, header included.
    package static func textFrame(_ payload: [UInt8]) -> ByteBuffer {
        WebSocketFrameWriter.frame(.text, payload)
    }

    /// Parses all requests in `buffer`, as one connection does.
    ///
    /// - Returns: How many were whole and accepted.
    package static func parseRequests(_ buffer: inout ByteBuffer) -> Int {
        var parser = HTTPRequestParser(limits: HTTPRequestParser.Limits(HTTPConnectionSettings()))
        var count = 0
        while let event = parser.next(&buffer) {
            switch event {
            case .head: break
            case .body: count += 1
            case .refusal: return count
            }
        }
        return count
    }
}
