import EventLog
import HTTPTypes
package import Hub
import LogValues
import NIOCore
import NIOPosix
import Web

/// `GET /log/segments` and `GET /log/segments/{name}`: the log's files, for those who copy them as it grows.
///
/// Whole commits only, and at durability `always` synced ones only: what a follower has, a crash here cannot undo.
package struct SegmentsHandler: RequestHandler {
    package static let path = "/log/segments"
    static let endHeader = "x-channelstream-log-end"
    static let stateHeader = "x-channelstream-segment"
    /// Bytes of the log's files behind those that are answered.
    static let restHeader = "x-channelstream-log-rest"
    /// Nothing more comes of this segment.
    static let sealedAndEnded = "ended"
    private static let defaultLimit = 1 << 20
    private static let maximumLimit = 8 << 20
    /// Shorter than what open calls get at a stop.
    private static let maximumWait: Int64 = 4_000

    package let gate: LogGate
    package let access: NodeAccess
    package let node: String
    package let maxBodySize: Int
    /// A follower signs for nobody: whoever wants to follow asks its primary.
    package let isFollower: Bool

    package init(gate: LogGate, access: NodeAccess, node: String, maxBodySize: Int, isFollower: Bool) {
        self.gate = gate
        self.access = access
        self.node = node
        self.maxBodySize = maxBodySize
        self.isFollower = isFollower
    }

    func respond(to request: APIRequest) async -> APIResponse {
        if let refusal = self.access.refusal(of: request) { return refusal }
        guard !self.isFollower else {
            return .refusal(.misdirectedRequest, "This node is a follower; its primary shows the log.")
        }
        guard let log = self.gate.log, let latest = log.sequencer.committed.latest else {
            return .unavailable("the log is being opened; try again")
        }
        do {
            guard request.path != Self.path else { return try await self.overview(of: log, latest) }
            let fileName = String(request.path.dropFirst(Self.path.count + 1))
            guard let name = SegmentName(fileName: fileName) else { return .notFound }
            return try await self.bytes(of: name, in: log, request)
        } catch {
            return .refusal(.internalServerError, "\(error)")
        }
    }

    private func overview(of log: OpenLog, _ latest: CommitWatch.Latest) async throws -> APIResponse {
        let entries = try await NIOThreadPool.singleton.runIfActive {
            try SegmentShipment(log.directory).entries(through: latest.end)
        }
        // What is committed has reached the disk as far as it ever will before it is shown: it may be signed.
        let note = log.key.sign(size: latest.tree.size, root: latest.tree.root)
        let overview = LogOverview(
            logID: log.logID,
            node: self.node,
            end: latest.end.line.rawValue,
            key: log.key.verifierKey.text,
            checkpoint: String(decoding: note.bytes, as: UTF8.self),
            maxBodySize: UInt64(self.maxBodySize),
            segments: entries.map { LogOverview.Segment(name: $0.name, size: $0.size, isSealed: $0.isSealed) }
        )
        return .json(overview.json)
    }

    private func bytes(of name: SegmentName, in log: OpenLog, _ request: APIRequest) async throws -> APIResponse {
        var errors = ValidationErrors()
        let offset = errors.number(request, "offset") ?? 0
        let limit = errors.number(request, "limit", minimum: 1) ?? UInt64(Self.defaultLimit)
        let wait = errors.number(request, "wait") ?? 0
        guard errors.isEmpty else { return .invalid(errors) }
        let watch = log.sequencer.committed
        let patience = TimeAmount.milliseconds(min(Int64(clamping: wait), Self.maximumWait))
        // Of a sealed segment nothing has to be waited for; of the live one, its next commit, or its end.
        let found = await watch.wait(timeout: patience) { latest in
            guard let end = latest?.end else { return false }
            return name < end.segment || name == end.segment && offset != end.offset
        }
        guard let end = found?.end else { return .unavailable("the log is being opened; try again") }
        let size = Int(min(limit, UInt64(Self.maximumLimit)))
        let part = try await NIOThreadPool.singleton.runIfActive { () -> Part? in
            let shipment = SegmentShipment(log.directory)
            guard let entry = try shipment.entry(name, through: end) else { return nil }
            let bytes = try shipment.bytes(of: entry, from: offset, limit: size)
            let read = min(offset + UInt64(bytes.count), entry.size)
            let rest = try entry.size - read + shipment.sizeBytes(behind: name, through: end)
            return Part(entry: entry, offset: offset, bytes: bytes, rest: rest)
        }
        guard let part else { return .notFound }
        guard offset <= part.entry.size else {
            return .refusal(.rangeNotSatisfiable, "The segment has \(part.entry.size) bytes.")
        }
        return Self.response(part, end: end)
    }

    private struct Part: Sendable {
        let entry: SegmentShipment.Entry
        let offset: UInt64
        let bytes: [UInt8]
        /// Bytes of the log's files behind these.
        let rest: UInt64
    }

    private static func response(_ part: Part, end: SegmentShipment.End) -> APIResponse {
        var headers = HTTPFields()
        headers[.contentType] = "application/octet-stream"
        if let name = HTTPField.Name(Self.endHeader) { headers[name] = "\(end.line)" }
        if let name = HTTPField.Name(Self.restHeader) { headers[name] = "\(part.rest)" }
        let isSealed = part.entry.isSealed
        let isEnd = isSealed && part.offset + UInt64(part.bytes.count) == part.entry.size
        if let name = HTTPField.Name(Self.stateHeader) {
            headers[name] = isEnd ? Self.sealedAndEnded : isSealed ? "sealed" : "live"
        }
        return APIResponse(status: .ok, headers: headers, body: ByteBuffer(bytes: part.bytes))
    }
}

extension ValidationErrors {
    /// A parameter that is a number; nil if it is not there.
    ///
    /// What is wrong with it is added.
    mutating func number(_ request: APIRequest, _ name: StaticString, minimum: UInt64 = 0) -> UInt64? {
        let field = request.query.number(name)
        self.collect(field, name)
        if let number = field.value, number < minimum { self.add(.message(.tooSmall(minimum: minimum)), at: name) }
        return field.value
    }
}
