package import LogValues

/// Reads the frames of one client (RFC 6455) and says what they mean.
///
/// It owns no socket: bytes go in, one ``Event`` at a time comes out. Data of messages is unmasked and checked as it
/// arrives and kept only where asked for, so that an idle or a listening client needs no buffer. What NIOWebSocket
/// leaves to others is all here: masks, reserved bits and opcodes, shortest lengths, the order of fragments, UTF-8 over
/// whole messages, close codes.
package struct WebSocketFrameParser: Sendable {
    /// The most that one client may send; beyond it 1009.
    package struct Limits: Sendable {
        /// The payload of one data frame, in bytes.
        package var frameSize: UInt64
        /// A whole message, in bytes.
        package var messageSize: UInt64
        /// The frames of one message.
        package var fragmentCount: Int

        package init(frameSize: UInt64, messageSize: UInt64, fragmentCount: Int) {
            self.frameSize = frameSize
            self.messageSize = messageSize
            self.fragmentCount = fragmentCount
        }
    }

    package enum Event: Equatable, Sendable {
        /// A whole message; without its data where the parser does not keep it.
        case text([UInt8])
        case binary([UInt8])
        case ping([UInt8])
        case pong
        /// The client ends the connection; nil without a code. Nothing comes after it.
        case close(WebSocketCloseCode?)
        /// The client broke the protocol or a limit: the connection has to end with this code. Nothing comes after it.
        case failure(WebSocketCloseCode)
    }

    private enum Phase: Sendable {
        case header
        case payload
        /// After a close frame or a failure: everything is ignored.
        case finished
    }

    private enum Opcode: UInt8, Sendable {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xA

        var isControl: Bool { self.rawValue & 0x8 != 0 }
    }

    private let limits: Limits
    private let keepsMessages: Bool
    private var phase = Phase.header
    /// A header cut by the end of a read, or the payload of a control frame.
    private var partial: [UInt8] = []

    // The frame that is being read.
    private var opcode = Opcode.continuation
    private var isFinal = false
    private var remaining: UInt64 = 0
    /// The key in the order of the bytes, the next one lowest; turned as bytes are read.
    private var mask: UInt32 = 0

    // The message that is being read; its kind is nil between messages.
    private var messageKind: Opcode?
    private var messageSize: UInt64 = 0
    private var fragmentCount = 0
    private var message: [UInt8] = []
    private var text = UTF8Validator()

    /// - Parameters:
    ///   - limits: What one client may send.
    ///   - keepsMessages: Whether ``Event/text(_:)`` and ``Event/binary(_:)`` carry data.
    package init(limits: Limits, keepsMessages: Bool = false) {
        self.limits = limits
        self.keepsMessages = keepsMessages
    }

    /// Whether nothing is remembered: a new parser would read on in the same way.
    package var isAtRest: Bool { self.phase == .header && self.partial.isEmpty && self.messageKind == nil }

    /// Reads up to the next event.
    ///
    /// - Parameters:
    ///   - bytes: What came, valid during the call.
    ///   - offset: In bytes; moved past what was read.
    /// - Returns: Nil when all bytes are read and no event is complete.
    package mutating func next(_ bytes: Bytes, from offset: inout Int) -> Event? {
        while true {
            switch self.phase {
            case .header:
                guard offset < bytes.count else { return nil }
                if let failure = self.readHeader(bytes, from: &offset) { return self.finish(.failure(failure)) }
                guard self.phase == .payload else { return nil }
            case .payload:
                if let failure = self.readPayload(bytes, from: &offset) { return self.finish(.failure(failure)) }
                guard self.remaining == 0 else { return nil }
                self.phase = .header
                if let event = self.endFrame() { return event }
            case .finished:
                offset = bytes.count
                return nil
            }
        }
    }

    private mutating func finish(_ event: Event) -> Event {
        self.phase = .finished
        self.partial = []
        self.message = []
        return event
    }
}

// MARK: - Headers

extension WebSocketFrameParser {
    /// Reads a header, or keeps a part of it when more has to come.
    private mutating func readHeader(
        _ bytes: Bytes,
        from offset: inout Int
    ) -> WebSocketCloseCode? {
        // Byte by byte: 6 bytes in all but every ten-thousandth case, and a cut header needs no second path.
        while offset < bytes.count {
            self.partial.append(bytes[offset])
            offset += 1
            if self.partial.count == 2, let failure = self.checkStart() { return failure }
            guard self.partial.count >= 2, self.partial.count == self.headerSize else { continue }
            return self.beginFrame()
        }
        return nil
    }

    /// In bytes, known from the second byte on; 4 of them are the mask.
    private var headerSize: Int {
        switch self.partial[1] & 0x7F {
        case 126: 8
        case 127: 14
        default: 6
        }
    }

    /// Checks what the first two bytes say, so that a wrong frame is refused before the rest of it comes.
    private mutating func checkStart() -> WebSocketCloseCode? {
        let first = self.partial[0]
        let second = self.partial[1]
        guard first & 0x70 == 0, second & 0x80 != 0, let opcode = Opcode(rawValue: first & 0x0F) else {
            return .protocolError
        }
        self.opcode = opcode
        self.isFinal = first & 0x80 != 0
        switch opcode {
        case .close, .ping, .pong:
            return self.isFinal && second & 0x7F <= 125 ? nil : .protocolError
        case .continuation:
            return self.messageKind != nil ? nil : .protocolError
        case .text, .binary:
            return self.messageKind == nil ? nil : .protocolError
        }
    }

    private mutating func beginFrame() -> WebSocketCloseCode? {
        let length = self.partial[1] & 0x7F
        let extra = self.partial[2..<(self.partial.count - 4)].reduce(into: UInt64(0)) { $0 = $0 << 8 | UInt64($1) }
        switch length {
        case 126: guard extra > 125 else { return .protocolError }
        case 127: guard extra > 0xFFFF, extra >> 63 == 0 else { return .protocolError }
        default: break
        }
        self.remaining = length < 126 ? UInt64(length) : extra
        self.mask = self.partial.suffix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
        self.partial.removeAll(keepingCapacity: self.opcode.isControl)
        self.phase = .payload
        return self.opcode.isControl ? nil : self.beginFragment()
    }

    private mutating func beginFragment() -> WebSocketCloseCode? {
        if self.opcode != .continuation {
            self.messageKind = self.opcode
            self.messageSize = 0
            self.fragmentCount = 0
            self.text = UTF8Validator()
        }
        self.fragmentCount += 1
        // No overflow: both are below 2^63.
        self.messageSize += self.remaining
        let fits =
            self.remaining <= self.limits.frameSize && self.messageSize <= self.limits.messageSize
            && self.fragmentCount <= self.limits.fragmentCount
        return fits ? nil : .messageTooBig
    }
}

// MARK: - Payloads

extension WebSocketFrameParser {
    private mutating func readPayload(
        _ bytes: Bytes,
        from offset: inout Int
    ) -> WebSocketCloseCode? {
        let count = Int(min(self.remaining, UInt64(bytes.count - offset)))
        let piece = bytes.extracting(offset..<(offset + count))
        offset += count
        self.remaining -= UInt64(count)
        if self.opcode.isControl {
            for place in piece.indices { self.partial.append(self.unmask(piece[place])) }
        } else if self.messageKind == .text {
            return self.readText(piece) ? nil : .invalidData
        } else if self.keepsMessages {
            self.message.reserveCapacity(self.message.count + count)
            for place in piece.indices { self.message.append(self.unmask(piece[place])) }
        }
        return nil
    }

    private mutating func unmask(_ byte: UInt8) -> UInt8 {
        let plain = byte ^ UInt8(truncatingIfNeeded: self.mask)
        self.mask = self.mask >> 8 | self.mask << 24
        return plain
    }

    /// - Returns: False where the text cannot be UTF-8 any more.
    private mutating func readText(_ piece: Bytes) -> Bool {
        if self.keepsMessages { self.message.reserveCapacity(self.message.count + piece.count) }
        var index = 0
        while index < piece.count {
            // Eight bytes of ASCII between two characters need one test; the key has turned full circle twice after them.
            if self.text.isComplete, piece.count - index >= 8 {
                let key = UInt64(self.mask) << 32 | UInt64(self.mask)
                let plain = UInt64(littleEndian: piece.word(at: index)) ^ key
                if plain & 0x8080_8080_8080_8080 == 0 {
                    if self.keepsMessages {
                        self.message.append(upTo: 8) { $0.append(bigEndian: plain.byteSwapped) }
                    }
                    index += 8
                    continue
                }
            }
            let byte = self.unmask(piece[index])
            guard self.text.feed(byte) else { return false }
            if self.keepsMessages { self.message.append(byte) }
            index += 1
        }
        return true
    }

    private mutating func endFrame() -> Event? {
        switch self.opcode {
        case .ping:
            defer { self.partial = [] }
            return .ping(self.partial)
        case .pong:
            self.partial = []
            return .pong
        case .close:
            return self.finish(Self.closeEvent(self.partial))
        case .continuation, .text, .binary:
            return self.isFinal ? self.endMessage() : nil
        }
    }

    private mutating func endMessage() -> Event {
        let kind = self.messageKind
        self.messageKind = nil
        var data: [UInt8] = []
        swap(&data, &self.message)
        guard kind == .text else { return .binary(data) }
        return self.text.isComplete ? .text(data) : self.finish(.failure(.invalidData))
    }

    /// Reads a close frame: its payload is nothing, or two bytes of code and a reason in UTF-8.
    private static func closeEvent(_ payload: [UInt8]) -> Event {
        guard !payload.isEmpty else { return .close(nil) }
        guard payload.count >= 2 else { return .failure(.protocolError) }
        let code = WebSocketCloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.isAllowedOnTheWire else { return .failure(.protocolError) }
        var reason = UTF8Validator()
        guard reason.feed(payload.dropFirst(2)), reason.isComplete else { return .failure(.invalidData) }
        return .close(code)
    }
}
