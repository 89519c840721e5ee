import EventLog
import HTTPTypes
package import Hub
import NIOCore
import NIOPosix
import Projections
import Synchronization
import Web

/// `POST /log/proposals`: what followers want to have in the log, and that they and their clients are there.
///
/// An upload comes in parts, so that none is larger than a request may be. Handing one in again is safe. What may stand in
/// it, ``ProposalRules`` say.
package final class ProposalsHandler: RequestHandler {
    package static let path = "/log/proposals"
    /// Bytes that may wait for their commit before followers are told to come back.
    private static let maximumPending = 64 << 20

    private let gate: LogGate
    private let sink: any CommandSink
    private let access: NodeAccess
    private let registry: FollowerRegistry
    /// This node's own name, in which nobody else may speak.
    private let node: String
    /// Whether this node is a follower itself, which decides nothing.
    private let isFollower: Bool

    private struct State {
        var uploads = UnfinishedUploads()
        /// Whether somebody will look at what is not finished.
        var isSweepScheduled = false
    }

    private let state = Mutex(State())

    package init(
        gate: LogGate,
        sink: any CommandSink,
        access: NodeAccess,
        registry: FollowerRegistry,
        node: String,
        isFollower: Bool
    ) {
        self.gate = gate
        self.sink = sink
        self.access = access
        self.registry = registry
        self.node = node
        self.isFollower = isFollower
    }

    var methods: [HTTPRequest.Method] { [.post] }

    func admit(_ request: APIRequest, _ limits: APILimits) -> BodyAdmission {
        self.access.admit(request, limits)
    }

    func respond(to request: APIRequest) async -> APIResponse {
        if !request.isGranted, let refusal = self.access.refusal(of: request) { return refusal }
        guard !self.isFollower else {
            return .refusal(.misdirectedRequest, "This node is a follower; its primary takes proposals.")
        }
        guard let log = self.gate.log else { return .unavailable("the log is being opened; try again") }
        var errors = ValidationErrors()
        let name = errors.require(request.query.string("node").map { .valid($0) } ?? .absent, "node")
        let offset = errors.require(request.query.number("offset"), "offset")
        let size = errors.require(request.query.number("size"), "size")
        guard let name, let offset, let size, errors.isEmpty else { return .invalid(errors) }
        guard let node = NodeName(allowed: name) else {
            let characters = "letters, digits, dots, dashes or underscores"
            return .refusal(.unprocessableContent, "A node's name has 1 to \(NodeName.lengthLimit) \(characters).")
        }
        guard name != self.node else { return .refusal(.conflict, "This node has that name itself.") }
        switch self.add(request.body, of: node, at: Int(clamping: offset), size: Int(clamping: size)) {
        case .whole(let text): return self.take(text, of: node, into: log)
        case .part: return .json(Array("{}".utf8))
        case .outOfOrder:
            return .refusal(.conflict, "The parts of an upload have to come in order, and no more of them.")
        case .tooLarge:
            return .refusal(.contentTooLarge, "An upload has \(UnfinishedUploads.uploadSizeLimit) bytes at most.")
        case .noRoom: return .unavailable("other uploads are under way; try again")
        }
    }

    private func take(_ text: [UInt8], of node: NodeName, into log: OpenLog) -> APIResponse {
        if let failure = log.sequencer.failure { return .unavailable("\(failure)") }
        guard log.sequencer.pendingSizeBytes < Self.maximumPending else {
            return .unavailable("the log is behind; try again")
        }
        let upload: ProposalUpload
        do throws(ProposalUpload.ReadError) {
            upload = try ProposalUpload(reading: text)
        } catch {
            if case .forbidden = error { return .refusal(.unprocessableContent, "\(error)") }
            return .refusal(.badRequest, "\(error)")
        }
        guard upload.node == node else { return .refusal(.badRequest, "line 1: another node's upload") }
        // Of a node that says it has more, one of the two has lost its end: it will find out when it reads on.
        guard upload.position <= log.sequencer.end else {
            return .refusal(.conflict, "This log ends before line \(upload.position).")
        }
        guard self.registry.seen(node, position: upload.position) else {
            return .unavailable("too many nodes follow this one")
        }
        guard let accepted = log.sequencer.accept(upload.proposals, of: upload.standing) else {
            return .refusal(.conflict, "That is not the epoch that comes next of this node.")
        }
        self.sink.tell(.nodeSeen(node, alive: upload.alive))
        return .json(ProposalReceipt(accepted: accepted.last, end: log.sequencer.end).json)
    }

    private func add(_ part: ByteBuffer, of node: NodeName, at offset: Int, size: Int) -> UnfinishedUploads.Outcome {
        self.state.withLock { state in
            let outcome = state.uploads.add(part, of: node, at: offset, size: size, now: .now())
            if !state.uploads.isEmpty, !state.isSweepScheduled {
                state.isSweepScheduled = true
                self.scheduleSweep(at: .now() + UnfinishedUploads.patience)
            }
            return outcome
        }
    }

    /// Frees what is not finished also if nobody ever calls again.
    private func scheduleSweep(at deadline: NIODeadline) {
        _ = MultiThreadedEventLoopGroup.singleton.any().scheduleTask(deadline: deadline) {
            self.state.withLock { state in
                guard let next = state.uploads.expire(now: .now()) else {
                    state.isSweepScheduled = false
                    return
                }
                self.scheduleSweep(at: next)
            }
        }
    }
}
