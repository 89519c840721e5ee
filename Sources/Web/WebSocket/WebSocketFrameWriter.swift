import LogValues
package import NIOCore

/// Writes frames as a server sends them: whole, without a mask, the same bytes for every client.
package enum WebSocketFrameWriter {
    package enum Opcode: UInt8 {
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xA
    }

    /// An empty list, the heartbeat of the wire contract.
    package static let heartbeat = Self.frame(.text, "[]".utf8)

    package static func frame(_ opcode: Opcode, _ payload: some Collection<UInt8>) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: payload.count + 10)
        Self.writeHeader(opcode, payloadSize: payload.count, into: &buffer)
        buffer.writeBytes(payload)
        return buffer
    }

    /// A close frame, without payload where there is no code; the reason is ASCII of at most 123 bytes.
    package static func close(_ code: WebSocketCloseCode?, reason: StaticString = "") -> ByteBuffer {
        guard let code else { return Self.frame(.close, []) }
        var payload = [UInt8(truncatingIfNeeded: code.rawValue >> 8), UInt8(truncatingIfNeeded: code.rawValue)]
        payload.append(contentsOf: reason.bytes)
        assert(payload.count <= 125, "a control frame holds at most 125 bytes")
        return Self.frame(.close, payload)
    }

    /// Lengths in their shortest form (RFC 6455, section 5.2).
    private static func writeHeader(_ opcode: Opcode, payloadSize: Int, into buffer: inout ByteBuffer) {
        buffer.writeInteger(0x80 | opcode.rawValue)
        switch payloadSize {
        case 0...125:
            buffer.writeInteger(UInt8(payloadSize))
        case 126...0xFFFF:
            buffer.writeInteger(UInt8(126))
            buffer.writeInteger(UInt16(payloadSize))
        default:
            buffer.writeInteger(UInt8(127))
            buffer.writeInteger(UInt64(payloadSize))
        }
    }
}
