import HTTPTypes
import Hub
import LogValues
import RawJSON
import Web

extension LogEndpoints {
    /// `POST /admin/promote`: has a running follower stop, be promoted, and serve again as a node that decides for itself.
    ///
    /// The same steps as by hand, so a crash leaves the same: a follower, or a promoted node.
    var promote: Endpoint {
        let operation = Operation(
            "admin_promote",
            "Has a follower whose primary is away decide for itself",
            tag: "Nodes",
            parameters: [.query("force", "Also if the primary answers", type: "boolean")],
            answers: "Promotion",
            status: 202,
            refusals: [503],
            ownRefusals: [409: "This node follows nobody, or its primary may still be there"]
        )
        return Endpoint(.post, PathPattern(NodeAPI.promote), for: .backend, operation) {
            (request, reply) throws(Refusal) in
            guard let following = self.following else {
                throw Refusal(.conflict, "This node follows nobody; it decides already.")
            }
            let end = try self.gate.openLog.end ?? .start
            let report = following.status.report
            // Two that decide make two histories, and nobody can put them together again.
            guard report.unreachableSince != nil || request.query.string("force") == "true" else {
                throw Refusal(
                    .conflict,
                    "The primary may still be there: stop it first, so that it is seen to be away, or say force=true."
                )
            }
            guard following.promotion.ask() else { throw Refusal(.conflict, "The promotion is under way.") }
            reply(Self.promotion(end: end, known: max(report.primaryEnd, SequenceNumber(report.checkpointSize))))
        }
    }

    private static func promotion(end: SequenceNumber, known: SequenceNumber) -> APIResponse {
        let answer = JSONWriter.object { writer in
            writer.member("promoting", true)
            writer.member("end", end.rawValue)
            writer.member("missing_up_to", known > end ? known.rawValue : nil)
        }
        return .json(answer, status: .accepted)
    }
}
