import HTTPTypes
import Hub
import LogValues
import NIOCore
import Projections
import RawJSON
import Web

extension LogEndpoints {
    /// `GET /log/status`: which part this node plays, how far its log reaches, and how far others are behind it or it behind
    /// its primary; for operators, who sign as backends do, and for other nodes.
    var status: Endpoint {
        let operation = Operation(
            "log_status",
            "How far the log reaches, and who is behind by how much",
            tag: "Nodes",
            answers: "LogStatus"
        )
        return Endpoint(.get, PathPattern(NodeAPI.status), for: .backendOrNode, operation, from: self.gate) {
            (_, log) async throws(Refusal) in
            var writer = JSONWriter(capacity: 512)
            let end = log.end ?? .start
            self.writeStatus(of: log, end: end, into: &writer)
            var response = APIResponse.json(writer.bytes)
            response.headers.set(NodeAPI.endHeader, "\(end)")
            return response
        }
    }

    private func writeStatus(of log: OpenLog, end: SequenceNumber, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("role", self.following == nil ? "primary" : "follower")
        writer.member("node", self.node)
        writer.member("log", log.logID)
        writer.member("end", end.rawValue)
        if let following = self.following {
            Self.write(following.status.report, url: following.url, end: end, now: .now(), into: &writer)
        }
        self.writeFollowers(end: end, now: .now(), into: &writer)
        writer.endObject()
    }

    private static func write(
        _ report: FollowStatus.Report,
        url: String,
        end: SequenceNumber,
        now: NIODeadline,
        into writer: inout JSONWriter
    ) {
        writer.object("primary") { writer in
            writer.member("url", url)
            writer.member("node", report.primaryNode)
            writer.member("end", report.primaryEnd.rawValue)
            writer.member("reachable", report.lastContact != nil && report.unreachableSince == nil)
            writer.member("last_contact_ms", report.lastContact.map { (now - $0).milliseconds })
            writer.member("checkpoint_size", report.checkpointSize)
        }
        writer.member("stalled", report.stall?.reason)
        writer.member("lag_events", report.primaryEnd.count(after: end))
        writer.member("lag_bytes", report.missingBytes)
        writer.member("lag_ms", report.behindSince.map { (now - $0).milliseconds } ?? 0)
    }

    private func writeFollowers(end: SequenceNumber, now: NIODeadline, into writer: inout JSONWriter) {
        writer.array("followers", self.registry.all) { writer, follower in
            writer.object { writer in
                writer.member("node", utf8: follower.node.utf8)
                writer.member("end", follower.position.rawValue)
                writer.member("lag_events", end.count(after: follower.position))
                writer.member("last_contact_ms", (now - follower.lastContact).milliseconds)
            }
        }
    }
}

extension TimeAmount {
    fileprivate var milliseconds: Int64 { self.nanoseconds / 1_000_000 }
}
