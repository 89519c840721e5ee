import EventLog
import HTTPTypes
import NIOCore
import Projections
import Synchronization

/// `POST /log/proposals`: what followers want to have in the log, and that they and their clients are there.
///
/// An upload comes in parts, so that none is larger than a request may be. Handing one in again is safe.
final class ProposalsHandler: RequestHandler {
    static let path = "/log/proposals"
    /// The largest upload, in bytes; no proposal is larger.
    private static let maximumSize = 80 << 20
    /// Bytes that may wait for their commit before followers are told to come back.
    private static let maximumPending = 64 << 20

    private let gate: LogGate
    private let sink: any CommandSink
    private let access: AccessControl
    private let registry: FollowerRegistry
    /// Whether this node is a follower itself, which decides nothing.
    private let isFollower: Bool
    /// What has come of uploads, by node: each sends one at a time.
    private let parts = Mutex<[String: ByteBuffer]>([:])

    init(
        gate: LogGate,
        sink: any CommandSink,
        access: AccessControl,
        registry: FollowerRegistry,
        isFollower: Bool
    ) {
        self.gate = gate
        self.sink = sink
        self.access = access
        self.registry = registry
        self.isFollower = isFollower
    }

    var methods: [HTTPRequest.Method] { [.post] }

    func admit(_ request: APIRequest, _ limits: APILimits) -> BodyAdmission {
        self.access.admit(request, limits)
    }

    func respond(to request: APIRequest) async -> APIResponse {
        if !request.isGranted, let refusal = self.access.verdict(on: request).refusal { return refusal }
        guard !self.isFollower else {
            return .refusal(.misdirectedRequest, "This node is a follower; its primary takes proposals.")
        }
        guard let log = self.gate.log else { return .unavailable("the log is being opened; try again") }
        var errors = ValidationErrors()
        let named = errors.require(request.query.string("node").map { .valid($0) } ?? .absent, "node")
        let offset = errors.require(request.query.number("offset"), "offset")
        let size = errors.require(request.query.number("size"), "size")
        if let size, size > Self.maximumSize {
            errors.add(.message(.tooLarge(maximum: UInt32(Self.maximumSize))), at: "size")
        }
        guard let node = named, let offset, let size, errors.isEmpty else { return .invalid(errors) }
        guard let held = self.add(request.body, of: node, at: Int(clamping: offset)) else {
            return .refusal(.conflict, "The parts of an upload have to come in order.")
        }
        guard held.readableBytes >= size else { return .json(Array("{}".utf8)) }
        self.parts.withLock { $0[node] = nil }
        return self.take(Array(held.readableBytesView), into: log)
    }

    private func take(_ text: [UInt8], into log: OpenLog) -> APIResponse {
        if let failure = log.sequencer.failure { return .unavailable("\(failure)") }
        guard log.sequencer.pendingSizeBytes < Self.maximumPending else {
            return .unavailable("the log is behind; try again")
        }
        let upload: ProposalUpload
        do throws(ProposalUpload.ReadError) {
            upload = try ProposalUpload(reading: text)
        } catch {
            return .refusal(.badRequest, "\(error)")
        }
        self.registry.seen(upload.node, position: upload.position)
        self.sink.submit(.nodeSeen(upload.node, alive: upload.alive)) { _ in }
        let accepted = log.sequencer.accept(upload)
        return .json(ProposalReceipt(accepted: accepted, end: log.sequencer.end).json)
    }

    /// Nil if the part is not the one that comes next.
    private func add(_ part: ByteBuffer, of node: String, at offset: Int) -> ByteBuffer? {
        self.parts.withLock { parts in
            var held = offset == 0 ? ByteBuffer() : parts[node] ?? ByteBuffer()
            guard held.readableBytes == offset else { return nil }
            held.writeImmutableBuffer(part)
            parts[node] = held
            return held
        }
    }
}
