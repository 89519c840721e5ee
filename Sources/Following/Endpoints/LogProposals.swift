import EventLog
import HTTPTypes
import Hub
import LogValues
import Projections
import Web

extension LogEndpoints {
    /// `POST /log/proposals`: what followers want to have in the log, and that they and their clients are there.
    ///
    /// An upload comes in parts, so that none is larger than a request may be. Handing one in again is safe. What may stand
    /// in it, ``ProposalRules`` say.
    var proposals: Endpoint {
        let operation = Operation(
            "log_proposals",
            "What a follower wants to have in the log, in parts",
            parameters: [
                .query("node", "The follower's name", isRequired: true),
                .number("offset", "Where this part begins, in bytes", isRequired: true),
                .number("size", "Bytes of the whole", isRequired: true),
            ],
            answers: "ProposalReceipt",
            refusals: [422],
            ownRefusals: [400: "It is no upload", 409: "Parts out of order, this node's name, or no next epoch"]
        )
        return self.ofPrimary(.post, NodeAPI.proposals, body: .large, operation, making: self.proposals)
    }

    /// Bytes that may wait for their commit before followers are told to come back.
    private static let maximumPending = 64 << 20

    private func proposals(_ request: APIRequest, _ log: OpenLog) async throws(Refusal) -> APIResponse {
        let (name, offset, size) = try Parameters.read(request.query) {
            ($0.requiredText("node"), $0.requiredNumber("offset"), $0.requiredNumber("size"))
        }
        guard let node = NodeName(allowed: name) else {
            let characters = "letters, digits, dots, dashes or underscores"
            throw Refusal("node", .other("A node's name has 1 to \(NodeName.lengthLimit) \(characters)."))
        }
        guard name != self.node else { throw Refusal(.conflict, "This node has that name itself.") }
        let outcome = self.uploads.add(request.body, of: node, at: Int(clamping: offset), size: Int(clamping: size))
        switch outcome {
        case .whole(let text): return try self.take(text, of: node, into: log)
        case .part: return .json(Array("{}".utf8))
        case .outOfOrder:
            throw Refusal(.conflict, "The parts of an upload have to come in order, and no more of them.")
        case .tooLarge:
            throw Refusal(.contentTooLarge, "An upload has \(UnfinishedUploads.uploadSizeLimit) bytes at most.")
        case .noRoom: throw .unavailable("Other uploads are under way; try again.")
        }
    }

    private func take(_ text: [UInt8], of node: NodeName, into log: OpenLog) throws(Refusal) -> APIResponse {
        if let failure = log.sequencer.failure { throw .unavailable("\(failure)") }
        guard log.sequencer.pendingSizeBytes < Self.maximumPending else {
            throw .unavailable("The log is behind; try again.")
        }
        let upload: ProposalUpload
        do throws(ProposalUpload.ReadError) {
            upload = try ProposalUpload(reading: text)
        } catch {
            if case .forbidden = error { throw Refusal(.unprocessableContent, "\(error)") }
            throw .malformed("\(error)")
        }
        guard upload.node == node else { throw .malformed("Line 1: another node's upload.") }
        // Either that node or this one has lost its end: the node will find out when it reads on.
        guard upload.position <= log.end ?? .start else {
            throw Refusal(.conflict, "This log ends before line \(upload.position).")
        }
        guard self.registry.seen(node, position: upload.position) else {
            throw .unavailable("Too many nodes follow this one.")
        }
        guard let accepted = log.sequencer.accept(upload.proposals, of: upload.standing) else {
            throw Refusal(.conflict, "That is not the epoch that comes next of this node.")
        }
        self.sink.tell(.nodeSeen(node, alive: upload.alive))
        return .json(ProposalReceipt(accepted: accepted.last, end: log.end ?? .start).json)
    }
}
