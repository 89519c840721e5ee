import HTTPTypes

/// Reads a request's head once all of it is there (RFC 9112, strictly).
///
/// What two readers might understand differently is refused: bare CR or LF, folded lines, blanks before the colon,
/// lengths that are not plain digits or are given twice, any transfer coding but a single `chunked`.
struct HTTPHeadReader {
    let limits: HTTPRequestParser.Limits

    private var fields = HTTPFields()
    private var host: String?
    private var contentLength: Int?
    private var isChunked = false
    private var expectsContinue = false
    private var closes = false
    private var keepsAlive = false
    private var upgrades = false

    init(limits: HTTPRequestParser.Limits) {
        self.limits = limits
    }

    /// Reads lines that end in CRLF, the empty one included.
    mutating func read(_ head: UnsafeRawBufferPointer) throws(HTTPRefusal) -> HTTPRequestHead {
        var rest = head[...]
        let line = try Self.takeLine(&rest)
        let (method, target, minorVersion) = try self.readRequestLine(line)
        self.fields.reserveCapacity(16)
        while true {
            let line = try Self.takeLine(&rest)
            if line.isEmpty { break }
            try self.readField(line)
        }
        return try self.makeHead(method: method, target: target, minorVersion: minorVersion)
    }

    private static func takeLine(
        _ rest: inout Slice<UnsafeRawBufferPointer>
    ) throws(HTTPRefusal) -> Slice<UnsafeRawBufferPointer> {
        // The parser has seen that every LF follows a CR.
        guard let end = rest.firstIndex(of: .lineFeed), end > rest.startIndex else {
            throw .malformed("A line has no end.")
        }
        let line = rest[rest.startIndex..<(end - 1)]
        rest = rest[(end + 1)...]
        return line
    }

    // MARK: Request line

    private func readRequestLine(
        _ line: Slice<UnsafeRawBufferPointer>
    ) throws(HTTPRefusal) -> (HTTPRequest.Method, target: String, minorVersion: Int) {
        let parts = line.split(separator: .blank, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed("The request line is malformed.") }
        guard parts[1].count <= self.limits.targetSize else { throw HTTPRefusal(.uriTooLong, "The URL is too long.") }
        guard let method = HTTPRequest.Method(String(decoding: parts[0], as: UTF8.self)),
            !parts[1].isEmpty, parts[1].allSatisfy({ 0x21...0x7E ~= $0 })
        else { throw .malformed("The request line is malformed.") }
        let minorVersion: Int
        if parts[2].elementsEqual("HTTP/1.1".utf8) {
            minorVersion = 1
        } else if parts[2].elementsEqual("HTTP/1.0".utf8) {
            minorVersion = 0
        } else {
            throw .malformed("Only HTTP/1.1 and HTTP/1.0 are spoken.")
        }
        return (method, String(decoding: parts[1], as: UTF8.self), minorVersion)
    }

    /// Path and authority of a target; an absolute one counts more than `Host` (RFC 9112, section 3.2.2).
    private func resolve(
        _ target: String,
        method: HTTPRequest.Method
    ) throws(HTTPRefusal) -> (path: String, authority: String?) {
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

    private mutating func readField(_ line: Slice<UnsafeRawBufferPointer>) throws(HTTPRefusal) {
        guard self.fields.count < self.limits.fieldCount else {
            throw HTTPRefusal(.requestHeaderFieldsTooLarge, "There are too many headers.")
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
            let name = HTTPField.Name(String(decoding: line[..<colon], as: UTF8.self))
        else { throw .malformed("A header is malformed.") }
        let value = Self.trimmed(line[(colon + 1)...])
        guard value.allSatisfy({ $0 == .tab || ($0 >= .blank && $0 != 0x7F) }) else {
            throw .malformed("A header is malformed.")
        }
        try self.take(name, String(decoding: value, as: UTF8.self))
    }

    private static func trimmed(_ value: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        var value = value.drop { $0 == .blank || $0 == .tab }
        while let last = value.last, last == .blank || last == .tab { value.removeLast() }
        return value
    }

    private mutating func take(_ name: HTTPField.Name, _ value: String) throws(HTTPRefusal) {
        if name.canonicalName == "host" {
            guard self.host == nil, value.utf8.allSatisfy(Self.isHostCharacter) else {
                throw .malformed("The Host header is malformed.")
            }
            self.host = value
            return
        }
        switch name {
        case .contentLength:
            guard self.contentLength == nil, !self.isChunked, let size = Self.size(value) else {
                throw .malformed("The body's length is ambiguous.")
            }
            self.contentLength = size
        case .transferEncoding:
            guard !self.isChunked, self.contentLength == nil, value.lowercased() == "chunked" else {
                throw .malformed("The body's length is ambiguous.")
            }
            self.isChunked = true
            return
        case .expect:
            guard value.lowercased() == "100-continue" else {
                throw HTTPRefusal(.expectationFailed, "The expectation cannot be met.")
            }
            self.expectsContinue = true
        case .connection:
            self.readConnection(value)
        default:
            break
        }
        self.fields.append(HTTPField(name: name, value: value))
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
    private static func size(_ value: String) -> Int? {
        guard (1...18).contains(value.utf8.count), value.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        return Int(value)
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
        minorVersion: Int
    ) throws(HTTPRefusal) -> HTTPRequestHead {
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
            request: HTTPRequest(
                method: method,
                scheme: "http",
                authority: authority,
                path: path,
                headerFields: self.fields
            ),
            framing: framing,
            minorVersion: minorVersion,
            keepsAlive: minorVersion == 1 ? !self.closes : self.keepsAlive && !self.closes,
            wantsUpgrade: self.upgrades,
            expectsContinue: self.expectsContinue && minorVersion == 1
        )
    }
}

extension UInt8 {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let blank: UInt8 = 0x20
}

extension Substring {
    var trimmingBlanks: Substring {
        var text = self.drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
