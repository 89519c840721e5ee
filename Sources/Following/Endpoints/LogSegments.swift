import EventLog
import HTTPTypes
import Hub
import LogValues
import NIOCore
import Web

extension LogEndpoints {
    /// `GET /log/segments`: the log's files, its key and a signed checkpoint.
    var segments: Endpoint {
        let operation = Operation(
            "log_segments",
            "The log's segments, its key and a signed checkpoint",
            answers: "LogOverview"
        )
        return self.ofPrimary(.get, NodeAPI.segments, operation) { (_, log) async throws(Refusal) in
            guard let latest = log.sequencer.committed.latest else { throw Self.nothingYet }
            let entries = try await Endpoint.reading {
                try SegmentShipment(log.directory).entries(through: latest.end)
            }
            // A committed line has reached the disk as far as it ever will before it is shown, so it may be signed.
            let note = log.key.sign(size: latest.tree.size, root: latest.tree.root)
            let overview = LogOverview(
                logID: log.logID,
                node: self.node,
                end: latest.end.line,
                key: log.key.verifierKey.text,
                checkpoint: String(decoding: note.bytes, as: UTF8.self),
                maxBodySize: UInt64(self.maxBodySize),
                segments: entries.map { LogOverview.Segment(name: $0.name, size: $0.size, isSealed: $0.isSealed) }
            )
            return .json(overview.json)
        }
    }

    /// `GET /log/segments/{name}`: a segment's bytes, for those who copy them as it grows.
    ///
    /// Whole commits only, and at durability `always` synced ones only: what a follower has, a crash here cannot undo.
    var segment: Endpoint {
        let operation = Operation(
            "log_segment",
            "Bytes of a segment's file, whole commits only",
            parameters: [.path("name", "The segment's file name")] + FileRange.parameters + [
                .number("wait", "Milliseconds to wait if there is nothing yet")
            ],
            answers: .bytes,
            refusals: [404, 422],
            ownRefusals: [416: "The segment is shorter than offset"]
        )
        return self.ofPrimary(.get, NodeAPI.segments + "/{name}", operation, making: self.segment)
    }

    /// Shorter than what open calls get at a stop.
    private static let maximumWait: Int64 = 4_000
    private static let nothingYet = Refusal.unavailable("Nothing is committed yet; try again.")

    private func segment(_ request: APIRequest, _ log: OpenLog) async throws(Refusal) -> APIResponse {
        guard let name = SegmentName(fileName: String(decoding: request.variable, as: UTF8.self)) else {
            throw .notFound
        }
        let (range, wait) = try Parameters.read(request.query) { (FileRange(&$0), $0.number("wait") ?? 0) }
        let patience = TimeAmount.milliseconds(min(Int64(clamping: wait), Self.maximumWait))
        // A sealed segment is answered at once; the live one waits for its next commit, or its end.
        let found = await log.sequencer.committed.wait(timeout: patience) { latest in
            guard let end = latest?.end else { return false }
            return name < end.segment || name == end.segment && range.offset != end.offset
        }
        guard let end = found?.end else { throw Self.nothingYet }
        let part = try await Endpoint.reading { () -> Part? in
            let shipment = SegmentShipment(log.directory)
            guard let entry = try shipment.entry(name, through: end) else { return nil }
            let bytes = try shipment.bytes(of: entry, from: range.offset, limit: Int(range.limit))
            let read = min(range.offset + UInt64(bytes.count), entry.size)
            let rest = try entry.size - read + shipment.sizeBytes(behind: name, through: end)
            return Part(entry: entry, offset: range.offset, bytes: bytes, rest: rest)
        }
        guard let part else { throw .notFound }
        guard range.offset <= part.entry.size else {
            throw Refusal(.rangeNotSatisfiable, "The segment has \(part.entry.size) bytes.")
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
        headers.set(NodeAPI.endHeader, "\(end.line)")
        headers.set(NodeAPI.restHeader, "\(part.rest)")
        let isSealed = part.entry.isSealed
        let isEnd = isSealed && part.offset + UInt64(part.bytes.count) == part.entry.size
        headers.set(NodeAPI.stateHeader, isEnd ? NodeAPI.sealedAndEnded : isSealed ? "sealed" : "live")
        return .bytes(part.bytes, headers: headers)
    }
}

/// Which bytes of a file are asked for.
struct FileRange: Sendable {
    private static let defaultLimit: UInt64 = 1 << 20
    private static let maximumLimit: UInt64 = 8 << 20

    static let parameters: [Operation.Parameter] = [
        .number("offset", "Where to begin, in bytes"), .number("limit", "Bytes at most", minimum: 1),
    ]

    let offset: UInt64
    let limit: UInt64

    init(_ parameters: inout Parameters) {
        self.offset = parameters.number("offset") ?? 0
        self.limit = min(parameters.number("limit", atLeast: 1) ?? Self.defaultLimit, Self.maximumLimit)
    }
}
