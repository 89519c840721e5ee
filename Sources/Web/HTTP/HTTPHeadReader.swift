import HTTPTypes
import LogValues
import NIOCore

/// Reads a request's head once all of it is there (RFC 9112, strictly).
///
/// What two readers might understand differently is refused: bare CR or LF, folded lines, blanks before the colon,
/// lengths that are not plain digits or are given twice, any transfer coding but a single `chunked`. The fields stay
/// where they are: only what decides about the connection is looked at.
struct HTTPHeadReader {
    private let limits: HTTPRequestParser.Limits

    private var places: [HeaderFields.Place] = []
    private var host: String?
    private var contentLength: Int?
    private var isChunked = false
    private var expectsContinue = false
    private var closes = false
    private var keepsAlive = false
    private var upgrades = false

    private init(limits: HTTPRequestParser.Limits) {
        self.limits = limits
    }

    /// Reads lines that end in CRLF, the empty one included.
    static func read(_ head: ByteBuffer, limits: HTTPRequestParser.Limits) throws(Refusal) -> HTTPRequestHead {
        var reader = HTTPHeadReader(limits: limits)
        return try reader.read(head.readableBytesUInt8Span, head)
    }

    private mutating func read(
        _ bytes: Bytes,
        _ head: ByteBuffer
    ) throws(Refusal) -> HTTPRequestHead {
        var offset = 0
        let line = try Self.takeLine(bytes, from: &offset)
        let (method, target, minorVersion) = try self.readRequestLine(bytes.extracting(line))
        self.places.reserveCapacity(12)
        while true {
            let line = try Self.takeLine(bytes, from: &offset)
            if line.isEmpty { break }
            try self.readField(bytes, line)
        }
        return try self.makeHead(method: method, target: target, minorVersion: minorVersion, head)
    }

    /// Whether a request, of which anything or nothing may have come, is one whose answer has no body.
    static func asksForHead(_ bytes: ByteBuffer) -> Bool {
        bytes.readableBytesView.starts(with: Self.headMethod)
    }

    private static let headMethod = Array("HEAD ".utf8)

    private static func takeLine(
        _ bytes: Bytes,
        from offset: inout Int
    ) throws(Refusal) -> Range<Int> {
        let start = offset
        // The parser has seen that every LF follows a CR.
        guard let end = bytes.firstIndex(of: .lineFeed, from: start), end > start else {
            throw .malformed("A line has no end.")
        }
        offset = end + 1
        return start..<(end - 1)
    }

    // MARK: Request line

    private func readRequestLine(
        _ line: Bytes
    ) throws(Refusal) -> (HTTPRequest.Method, target: String, minorVersion: Int) {
        guard let methodEnd = line.firstIndex(of: .blank),
            let targetEnd = line.firstIndex(of: .blank, from: methodEnd + 1),
            line.firstIndex(of: .blank, from: targetEnd + 1) == nil
        else { throw .malformed("The request line is malformed.") }
        let target = line.extracting((methodEnd + 1)..<targetEnd)
        guard target.count <= self.limits.targetSize else { throw Refusal(.uriTooLong, "The URL is too long.") }
        guard let method = Self.method(line.extracting(..<methodEnd)),
            !target.isEmpty, target.allSatisfy({ 0x21...0x7E ~= $0 })
        else { throw .malformed("The request line is malformed.") }
        let version = line.extracting((targetEnd + 1)...)
        let minorVersion: Int
        if version.equals("HTTP/1.1") {
            minorVersion = 1
        } else if version.equals("HTTP/1.0") {
            minorVersion = 0
        } else {
            throw .malformed("Only HTTP/1.1 and HTTP/1.0 are spoken.")
        }
        return (method, String(decoding: target, as: UTF8.self), minorVersion)
    }

    private static func method(_ text: Bytes) -> HTTPRequest.Method? {
        if text.equals("POST") { return .post }
        if text.equals("GET") { return .get }
        return HTTPRequest.Method(String(decoding: text, as: UTF8.self))
    }

    /// Path and authority of a target; an absolute one counts more than `Host` (RFC 9112, section 3.2.2).
    private func resolve(
        _ target: String,
        method: HTTPRequest.Method
    ) throws(Refusal) -> (path: String, authority: String?) {
        if target.utf8.first == UInt8(ascii: "/") || (target == "*" && method == .options) {
            return (target, self.host)
        }
        for scheme in ["http://", "https://"] where target.lowercased().hasPrefix(scheme) {
            let rest = target.dropFirst(scheme.count)
            let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            let path = rest[end...]
            guard end > rest.startIndex else { break }
            return (path.first == "/" ? String(path) : "/" + path, String(rest[..<end]))
        }
        throw .malformed("The request's target is malformed.")
    }

    // MARK: Fields

    private mutating func readField(_ bytes: Bytes, _ line: Range<Int>) throws(Refusal) {
        guard self.places.count < self.limits.fieldCount else {
            throw Refusal(.requestHeaderFieldsTooLarge, "There are too many headers.")
        }
        var colon = line.lowerBound
        while colon < line.upperBound, TokenBytes.contains(bytes[colon]) { colon += 1 }
        guard colon < line.upperBound, bytes[colon] == UInt8(ascii: ":"), colon > line.lowerBound else {
            throw .malformed("A header is malformed.")
        }
        let value = Self.trimmed((colon + 1)..<line.upperBound, of: bytes)
        guard Self.isFieldValue(bytes.extracting(value)) else {
            throw .malformed("A header is malformed.")
        }
        let name = line.lowerBound..<colon
        guard try self.take(bytes, name: name, value: value) else { return }
        self.places.append(
            .init(
                name: UInt32(clamping: name.lowerBound)..<UInt32(clamping: name.upperBound),
                value: UInt32(clamping: value.lowerBound)..<UInt32(clamping: value.upperBound)
            )
        )
    }

    /// Looks at all bytes, without leaving early: then several are compared at a time.
    private static func isFieldValue(_ value: Bytes) -> Bool {
        var isValid = true
        for place in value.indices {
            let byte = value[place]
            isValid = isValid && (byte == .tab || byte >= .blank) && byte != 0x7F
        }
        return isValid
    }

    private static func trimmed(_ range: Range<Int>, of bytes: Bytes) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, bytes[start] == .blank || bytes[start] == .tab { start += 1 }
        while end > start, bytes[end - 1] == .blank || bytes[end - 1] == .tab { end -= 1 }
        return start..<end
    }

    /// Looks at a field that decides about the connection.
    ///
    /// - Returns: Whether it is a field for whoever answers.
    private mutating func take(
        _ bytes: Bytes,
        name: Range<Int>,
        value: Range<Int>
    ) throws(Refusal) -> Bool {
        // By length first, which passes most fields by.
        let (nameText, valueText) = (bytes.extracting(name), bytes.extracting(value))
        switch name.count {
        case 4 where nameText.isToken("host"):
            guard self.host == nil, valueText.allSatisfy(Self.isHostCharacter) else {
                throw .malformed("The Host header is malformed.")
            }
            self.host = String(decoding: valueText, as: UTF8.self)
            return false
        case 14 where nameText.isToken("content-length"):
            guard self.contentLength == nil, !self.isChunked, let size = Self.size(valueText) else {
                throw .malformed("The body's length is ambiguous.")
            }
            self.contentLength = size
        case 17 where nameText.isToken("transfer-encoding"):
            guard !self.isChunked, self.contentLength == nil, valueText.isToken("chunked") else {
                throw .malformed("The body's length is ambiguous.")
            }
            self.isChunked = true
            return false
        case 6 where nameText.isToken("expect"):
            guard valueText.isToken("100-continue") else {
                throw Refusal(.expectationFailed, "The expectation cannot be met.")
            }
            self.expectsContinue = true
        case 10 where nameText.isToken("connection"):
            self.readConnection(String(decoding: valueText, as: UTF8.self))
        default:
            break
        }
        return true
    }

    private mutating func readConnection(_ value: String) {
        for token in value.lowercased().split(separator: ",") {
            switch token.trimmingBlanks {
            case "close": self.closes = true
            case "keep-alive": self.keepsAlive = true
            case "upgrade": self.upgrades = true
            default: break
            }
        }
    }

    /// Digits only, and few enough to need no overflow check.
    private static func size(_ value: Bytes) -> Int? {
        guard (1...18).contains(value.count) else { return nil }
        var size = 0
        for place in value.indices {
            let byte = value[place]
            guard 0x30...0x39 ~= byte else { return nil }
            size = size * 10 + Int(byte - 0x30)
        }
        return size
    }

    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21...0x7E: byte != UInt8(ascii: ",") && byte != UInt8(ascii: "/") && byte != UInt8(ascii: "@")
        default: false
        }
    }

    private func makeHead(
        method: HTTPRequest.Method,
        target: String,
        minorVersion: Int,
        _ head: ByteBuffer
    ) throws(Refusal) -> HTTPRequestHead {
        guard minorVersion == 0 || self.host != nil else { throw .malformed("The Host header is missing.") }
        guard minorVersion == 1 || !self.isChunked else { throw .malformed("The body's length is ambiguous.") }
        let (path, authority) = try self.resolve(target, method: method)
        let framing: HTTPRequestHead.Framing
        if self.isChunked {
            framing = .chunked
        } else if let size = self.contentLength, size > 0 {
            framing = .sized(size)
        } else {
            framing = .none
        }
        return HTTPRequestHead(
            method: method,
            target: path,
            authority: authority,
            fields: HeaderFields(head: head, places: self.places),
            framing: framing,
            minorVersion: minorVersion,
            keepsAlive: minorVersion == 1 ? !self.closes : self.keepsAlive && !self.closes,
            wantsUpgrade: self.upgrades,
            expectsContinue: self.expectsContinue && minorVersion == 1
        )
    }
}

/// The bytes of which a field's name consists (RFC 9110, section 5.6.2).
private enum TokenBytes {
    private static let low: UInt64 = Self.bits(0)
    private static let high: UInt64 = Self.bits(64)

    static func contains(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<64: self.low >> UInt64(byte) & 1 == 1
        case 64..<128: self.high >> UInt64(byte - 64) & 1 == 1
        default: false
        }
    }

    private static func bits(_ first: UInt8) -> UInt64 {
        let text = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        return text.utf8.filter { $0 >= first && $0 < first + 64 }.reduce(0) { $0 | 1 << UInt64($1 - first) }
    }
}

extension UInt8 {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let blank: UInt8 = 0x20
}

extension Substring {
    package var trimmingBlanks: Substring {
        var text = self.drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
