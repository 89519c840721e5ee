import Testing

@testable import Web

@Suite("Websocket frames of a client")
struct WebSocketFrameParserTests {
    typealias Event = WebSocketFrameParser.Event

    static let roomy = WebSocketFrameParser.Limits(frameSize: 64 * 1024, messageSize: 64 * 1024, fragmentCount: 64)
    static let keeping = WebSocketFrameParser(limits: Self.roomy, keepsMessages: true)

    /// All events of bytes that come in pieces of this size.
    static func events(
        _ bytes: [UInt8],
        pieceSize: Int = .max,
        parser: WebSocketFrameParser = Self.keeping
    ) -> [Event] {
        var parser = parser
        var events: [Event] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(pieceSize))
            rest = rest.dropFirst(piece.count)
            var offset = 0
            while let event = parser.next(piece.span, from: &offset) { events.append(event) }
            #expect(offset == piece.count)
        }
        return events
    }

    static func expected(_ vector: WebSocketVectors.Frames) -> [Event] {
        var events = vector.expected.map { expected -> Event in
            if let text = expected.text { return .text(Array(text.utf8)) }
            if let binary = expected.binary { return .binary(binary.hexBytes) }
            if let pong = expected.pong { return .ping(pong.hexBytes) }
            return .close(expected.close.map(WebSocketCloseCode.init(rawValue:)))
        }
        if let code = vector.closeCode { events.append(.failure(WebSocketCloseCode(rawValue: code))) }
        return events
    }

    @Test("every case of the vectors is read as they say", arguments: WebSocketVectors.all.frames)
    func readsVectors(vector: WebSocketVectors.Frames) {
        let events = Self.events(vector.bytes.hexBytes).filter { $0 != .pong }
        #expect(events == Self.expected(vector))
    }

    @Test("how the bytes are cut into reads changes nothing", arguments: WebSocketVectors.all.frames)
    func readsPieces(vector: WebSocketVectors.Frames) {
        for size in 1...9 {
            let events = Self.events(vector.bytes.hexBytes, pieceSize: size).filter { $0 != .pong }
            #expect(events == Self.expected(vector), "in pieces of \(size)")
        }
    }

    @Test("a wrong text is refused before its message ends")
    func failsFast() {
        let unfinished = ClientFrame(.text, [0x61, 0xFF], isFinal: false).bytes
        #expect(Self.events(unfinished) == [.failure(.invalidData)])
        let unreadRest = Array(ClientFrame(.text, Array(repeating: 0xFF, count: 100)).bytes.prefix(8))
        #expect(Self.events(unreadRest) == [.failure(.invalidData)])
    }

    @Test("after a failure or a close nothing is read any more", arguments: [[0x83, 0x80], [0x88, 0x80, 0, 0, 0, 0]])
    func stopsReading(start: [UInt8]) {
        #expect(Self.events(start + ClientFrame(.text, Array("x".utf8)).bytes).count == 1)
    }

    @Test("a parser that keeps no messages still checks and counts them")
    func discards() {
        let parser = WebSocketFrameParser(limits: Self.roomy)
        let bytes = ClientFrame(.text, Array("hello".utf8)).bytes + ClientFrame(.binary, [1, 2]).bytes
        #expect(Self.events(bytes, parser: parser) == [.text([]), .binary([])])
        #expect(Self.events(ClientFrame(.text, [0xC0]).bytes, parser: parser) == [.failure(.invalidData)])
    }

    @Test("between messages a new parser is as good as the old one; inside of one it is not")
    func rests() {
        let message = ClientFrame(.text, Array("hello".utf8)).bytes
        let begun = [message[0] & 0x7F] + message.dropFirst()
        for (bytes, isAtRest) in [
            ([], true), (message, true), (message + message.prefix(1), false), (Array(message.dropLast()), false),
            (begun, false), ([0x83, 0x80], false),
        ] {
            var parser = WebSocketFrameParser(limits: Self.roomy)
            var offset = 0
            while parser.next(bytes.span, from: &offset) != nil {}
            #expect(parser.isAtRest == isAtRest, "\(bytes)")
        }
    }

    @Test("long texts of every alignment are unmasked and checked", arguments: 0..<17)
    func readsLongTexts(offset: Int) {
        let text = String(repeating: "a", count: offset) + String(repeating: "zażółć gęślą 🐢 jaźń ", count: 200)
        let bytes = ClientFrame(.text, Array(text.utf8)).bytes
        #expect(Self.events(bytes) == [.text(Array(text.utf8))])
        #expect(Self.events(bytes, pieceSize: 7) == [.text(Array(text.utf8))])
    }

    // MARK: Limits

    static let small = WebSocketFrameParser(limits: .init(frameSize: 10, messageSize: 15, fragmentCount: 3))

    @Test("a frame beyond its limit is refused before it is read")
    func limitsFrames() {
        #expect(Self.events(ClientFrame(.text, Array(repeating: 0x61, count: 10)).bytes, parser: Self.small).count == 1)
        let header = Array(ClientFrame(.binary, Array(repeating: 0x61, count: 11)).bytes.prefix(6))
        #expect(Self.events(header, parser: Self.small) == [.failure(.messageTooBig)])
    }

    @Test("a length of 63 bits is too big, not an overflow")
    func survivesHugeLengths() {
        let header: [UInt8] = [0x82, 0xFF, 0x7F] + Array(repeating: 0xFF, count: 7) + [0, 0, 0, 0]
        let parser = WebSocketFrameParser(
            limits: .init(frameSize: .max, messageSize: 1 << 20, fragmentCount: 10),
            keepsMessages: true
        )
        #expect(Self.events(header, parser: parser) == [.failure(.messageTooBig)])
        let first = ClientFrame(.binary, [1], isFinal: false).bytes
        let second: [UInt8] = [0x80, 0xFF, 0x7F] + Array(repeating: 0xFF, count: 7) + [0, 0, 0, 0]
        #expect(Self.events(first + second, parser: parser) == [.failure(.messageTooBig)])
    }

    @Test("fragments add up")
    func limitsMessages() {
        let piece = Array(repeating: UInt8(0x61), count: 8)
        let bytes =
            ClientFrame(.text, piece, isFinal: false).bytes + ClientFrame(.continuation, piece, isFinal: true).bytes
        #expect(Self.events(bytes, parser: Self.small) == [.failure(.messageTooBig)])
    }

    @Test("endless empty fragments come to an end, which the next message does not remember")
    func limitsFragments() {
        let message =
            ClientFrame(.text, [], isFinal: false).bytes + ClientFrame(.continuation, [], isFinal: false).bytes
            + ClientFrame(.continuation, [], isFinal: true).bytes
        #expect(Self.events(message + message, parser: Self.small) == [.text([]), .text([])])
        let endless = ClientFrame(.text, [], isFinal: false).bytes
        let more = ClientFrame(.continuation, [], isFinal: false).bytes
        #expect(Self.events(endless + more + more + more, parser: Self.small) == [.failure(.messageTooBig)])
    }

    @Test("noise never traps, and ends in at most one failure")
    func survivesNoise() {
        var generator = SplitMix(seed: 20_260_101)
        for _ in 0..<2_000 {
            var bytes = (0..<Int.random(in: 1...80, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            // Plausible beginnings reach further than noise does.
            if Bool.random(using: &generator) {
                bytes[0] = [0x81, 0x01, 0x80, 0x89, 0x88].randomElement(using: &generator) ?? 0
            }
            let failures = Self.events(bytes).filter { if case .failure = $0 { true } else { false } }
            #expect(failures.count <= 1)
        }
    }
}

/// A frame as a client sends it, masked.
struct ClientFrame {
    enum Opcode: UInt8 {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10
    }

    let bytes: [UInt8]

    init(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true) {
        var bytes = [(isFinal ? 0x80 : 0) | opcode.rawValue]
        switch payload.count {
        case 0...125:
            bytes.append(0x80 | UInt8(payload.count))
        case 126...0xFFFF:
            bytes += [0xFE, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            bytes += [0xFF] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> (8 * $0)) }
        }
        let mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        self.bytes = bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    static func close(_ code: UInt16) -> ClientFrame {
        ClientFrame(.close, [UInt8(code >> 8), UInt8(code & 0xFF)])
    }
}

/// A generator whose seed a failing test prints.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
