import AsyncHTTPClient
import EventLog
package import LogValues
import NIOCore
import NIOHTTP1
import NIOSSL
import Projections
import Web

/// Speaks to the node that is followed: signed requests over HTTP or HTTPS.
package struct PrimaryClient: Sendable {
    /// A part of a segment's file.
    struct Chunk: Sendable {
        /// None: there is nothing more at present.
        let bytes: ByteBuffer
        /// Whether the file ends with these bytes for good.
        let isEnd: Bool
        /// The end of the primary's log.
        let end: SequenceNumber
        /// Bytes of the primary's files behind these; nil if it does not say.
        let rest: UInt64?
    }

    /// The outcome of a request for a part.
    enum ChunkAnswer: Sendable {
        case chunk(Chunk)
        /// The file is shorter than what was asked for: it is not the one that was begun.
        case beyondEnd
        /// There is no such segment, or there is none any more.
        case unknownSegment
    }

    /// No answer, or one that may be different soon.
    struct Unreachable: Error, CustomStringConvertible {
        let description: String
    }

    /// Bytes asked for at once.
    static let chunkSize = 4 << 20
    /// How long the primary may wait for something to send.
    static let patience = TimeAmount.seconds(2)
    /// How long an answer may take, the time for its bytes not counted.
    private static let timeout = TimeAmount.seconds(5)
    /// Bytes that any answer may have.
    private static let answerSize = 64 << 10
    /// Bytes a second that a network must bring at least.
    private static let leastRate = 256 << 10

    /// Without a slash at the end.
    let url: String
    private let http: HTTPClient
    private let signer: TimestampSigner

    init(url: String, secret: Secret, http: HTTPClient) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.http = http
        self.signer = TimestampSigner(secret: secret.revealed)
    }

    func overview() async throws -> LogOverview {
        let (response, body) = try await self.send(.GET, NodeAPI.segments, answerSize: Self.chunkSize)
        try self.check(response, body)
        let text = Array(body.readableBytesView)
        guard let overview = try? LogOverview(reading: text) else {
            throw FollowError.notAPrimary(url: self.url, "GET /log/segments answers something else")
        }
        guard overview.isWellFormed else {
            throw FollowError.notAPrimary(url: self.url, "its log has no id, or it has no name")
        }
        return overview
    }

    /// Asks for what stands in a segment's file from an offset on; waits a little if nothing does yet.
    func chunk(of segment: SegmentName, from offset: UInt64) async throws -> ChunkAnswer {
        let wait = Self.patience.nanoseconds / 1_000_000
        let path = "\(NodeAPI.segments)/\(segment.fileName)?offset=\(offset)&limit=\(Self.chunkSize)&wait=\(wait)"
        let (response, body) = try await self.send(.GET, path, answerSize: Self.chunkSize)
        switch response.status {
        case .rangeNotSatisfiable: return .beyondEnd
        case .notFound: return .unknownSegment
        default: try self.check(response, body)
        }
        let isEnd = response.headers.first(name: NodeAPI.stateHeader) == NodeAPI.sealedAndEnded
        let rest = response.headers.first(name: NodeAPI.restHeader).flatMap { UInt64($0) }
        return .chunk(Chunk(bytes: body, isEnd: isEnd, end: try self.end(in: response, of: path), rest: rest))
    }

    /// The newest snapshot of the primary, as a signed note; nil if it has none.
    func newestSnapshot() async throws -> [UInt8]? {
        let (response, body) = try await self.send(.GET, NodeAPI.snapshots)
        try self.check(response, body)
        guard let offer = SnapshotOffer(reading: Array(body.readableBytesView)) else {
            throw FollowError.notAPrimary(url: self.url, "GET /log/snapshots answers something else")
        }
        return offer.note
    }

    /// Asks for what stands in a snapshot's file from an offset on; nil if it is not there any more.
    func snapshotPart(_ name: SnapshotName, from offset: UInt64) async throws -> ByteBuffer? {
        let path = "\(NodeAPI.snapshots)/\(name.fileName)?offset=\(offset)&limit=\(Self.chunkSize)"
        let (response, body) = try await self.send(.GET, path, answerSize: Self.chunkSize)
        guard response.status != .notFound else { return nil }
        try self.check(response, body)
        return body
    }

    /// Asks for the leaf hashes of lines: `count` of them, behind the first `start`; fewer if the primary has not got them.
    func hashes(after start: UInt64, count: UInt64) async throws -> ByteBuffer {
        let size = UInt64(Hash256.byteCount)
        let limit = min(count * size, UInt64(Self.chunkSize))
        let path = "\(NodeAPI.hashes)?offset=\(start * size)&limit=\(limit)"
        let (response, body) = try await self.send(.GET, path, answerSize: Self.chunkSize)
        try self.check(response, body)
        return body
    }

    /// The end of the primary's log now; asked for while somebody waits for an answer.
    package func end() async throws -> SequenceNumber {
        let (response, body) = try await self.send(.GET, NodeAPI.status, timeout: .milliseconds(1_500))
        try self.check(response, body)
        return try self.end(in: response, of: NodeAPI.status)
    }

    /// Reads what an answer says of the log's end.
    private func end(in response: HTTPClientResponse, of path: String) throws(FollowError) -> SequenceNumber {
        guard let end = response.headers.first(name: NodeAPI.endHeader).flatMap({ UInt64($0) }) else {
            throw .notAPrimary(url: self.url, "GET \(path.prefix { $0 != "?" }) does not say where the log ends")
        }
        return SequenceNumber(end)
    }

    /// Hands an upload over, in as many parts as it takes.
    func propose(_ upload: ProposalUpload, partSize: Int) async throws -> ProposalReceipt {
        let text = upload.text
        var offset = 0
        while true {
            let part = ByteBuffer(bytes: text[offset..<min(offset + partSize, text.count)])
            let path = "\(NodeAPI.proposals)?node=\(upload.node)&offset=\(offset)&size=\(text.count)"
            let (response, body) = try await self.send(.POST, path, body: part)
            try self.check(response, body)
            offset += part.readableBytes
            guard offset >= text.count else { continue }
            guard let receipt = ProposalReceipt(reading: Array(body.readableBytesView)) else {
                throw FollowError.notAPrimary(url: self.url, "POST /log/proposals answers something else")
            }
            return receipt
        }
    }

    /// Asks once.
    ///
    /// - Parameters:
    ///   - method: The request's.
    ///   - path: With the query.
    ///   - body: The request's, if it has one.
    ///   - answerSize: Bytes that the answer may have.
    ///   - timeout: For the answer, without the time that the bytes take.
    /// - Returns: The answer, whatever its status, with the whole of its body.
    /// - Throws: ``Unreachable``; ``FollowError/untrusted(url:_:)``; `CancellationError`.
    private func send(
        _ method: HTTPMethod,
        _ path: String,
        body: ByteBuffer? = nil,
        answerSize: Int = 0,
        timeout: TimeAmount = Self.timeout
    ) async throws -> (HTTPClientResponse, ByteBuffer) {
        var request = HTTPClientRequest(url: self.url + path)
        request.method = method
        let now = Timestamp.wallClock().microseconds / 1_000_000
        request.headers.add(name: "x-channelstream-secret", value: self.signer.sign("channelstream", at: now))
        if let body { request.body = .bytes(body) }
        let seconds = ((body?.readableBytes ?? 0) + answerSize) / Self.leastRate
        let limit = answerSize + Self.answerSize
        do {
            return try await self.within(timeout + .seconds(Int64(seconds))) { [request, http] deadline in
                let response = try await http.execute(request, deadline: deadline)
                return (response, try await response.body.collect(upTo: limit))
            }
        } catch let error as CancellationError {
            throw error
        } catch let error where Self.isDistrust(error) {
            throw FollowError.untrusted(url: self.url, "\(error)")
        } catch {
            throw Unreachable(description: "\(self.url): \(error)")
        }
    }

    /// An answer that comes byte by byte, each just in time, is late all the same.
    private func within<R: Sendable>(
        _ time: TimeAmount,
        _ body: @escaping @Sendable (NIODeadline) async throws -> R
    ) async throws -> R {
        try await withThrowingTaskGroup(of: R.self) { group in
            let deadline = NIODeadline.now() + time
            group.addTask { try await body(deadline) }
            group.addTask {
                try await Task.sleep(for: .nanoseconds(time.nanoseconds))
                throw Unreachable(description: "\(self.url): no answer in time")
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() else { throw CancellationError() }
            return result
        }
    }

    /// Whether there is a server, and its certificate is not one that is trusted.
    private static func isDistrust(_ error: any Error) -> Bool {
        switch error {
        case NIOSSLError.handshakeFailed(let failure): "\(failure)".contains("CERTIFICATE_VERIFY_FAILED")
        case NIOSSLError.unableToValidateCertificate: true
        case let error as NIOSSLExtraError: error == .failedToValidateHostname
        default: false
        }
    }

    private func check(_ response: HTTPClientResponse, _ body: ByteBuffer) throws {
        let status = response.status
        switch status.code {
        case 200: return
        case 300..<400:
            throw self.refusal(status, "a node sends nobody elsewhere; follow the address that it answers at")
        case 401:
            throw self.refusal(status, "both nodes need the same node_secret, and clocks that agree")
        case 403:
            throw self.refusal(
                status,
                "the primary's allow_posting_from must list this node's address, and its node_secret must be set; "
                    + Self.reason(in: body)
            )
        case 404, 405:
            throw self.refusal(status, "is a node of this program there that can be followed?")
        case 421:
            throw self.refusal(status, "that node is a follower itself; follow its primary")
        default:
            throw Unreachable(description: "\(self.url) answered \(status.code); \(Self.reason(in: body))")
        }
    }

    /// Quotes an answer, as far as it is worth to be shown.
    private static func reason(in body: ByteBuffer) -> String {
        "it says: " + ForeignText.shown(String(decoding: body.readableBytesView.prefix(200), as: UTF8.self), limit: 200)
    }

    private func refusal(_ status: HTTPResponseStatus, _ hint: String) -> FollowError {
        .refused(url: self.url, status: status.code, hint: hint)
    }
}
