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
        writer.key("role")
        writer.string(self.following == nil ? "primary" : "follower")
        writer.key("node")
        writer.string(self.node)
        writer.key("log")
        writer.string(log.logID)
        writer.key("end")
        writer.integer(end.rawValue)
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
        writer.key("primary")
        writer.beginObject()
        writer.key("url")
        writer.string(url)
        writer.key("node")
        if let node = report.primaryNode { writer.string(node) } else { writer.null() }
        writer.key("end")
        writer.integer(report.primaryEnd.rawValue)
        writer.key("reachable")
        writer.bool(report.lastContact != nil && report.unreachableSince == nil)
        writer.key("last_contact_ms")
        if let contact = report.lastContact { writer.integer((now - contact).milliseconds) } else { writer.null() }
        writer.key("checkpoint_size")
        writer.integer(report.checkpointSize)
        writer.endObject()
        writer.key("stalled")
        if let stall = report.stall { writer.string(stall.reason) } else { writer.null() }
        writer.key("lag_events")
        writer.integer(report.primaryEnd.count(after: end))
        writer.key("lag_bytes")
        writer.integer(report.missingBytes)
        writer.key("lag_ms")
        writer.integer(report.behindSince.map { (now - $0).milliseconds } ?? 0)
    }

    private func writeFollowers(end: SequenceNumber, now: NIODeadline, into writer: inout JSONWriter) {
        writer.key("followers")
        writer.beginArray()
        for follower in self.registry.all {
            writer.beginObject()
            writer.key("node")
            writer.string(utf8: follower.node.utf8)
            writer.key("end")
            writer.integer(follower.position.rawValue)
            writer.key("lag_events")
            writer.integer(end.count(after: follower.position))
            writer.key("last_contact_ms")
            writer.integer((now - follower.lastContact).milliseconds)
            writer.endObject()
        }
        writer.endArray()
    }
}

extension TimeAmount {
    fileprivate var milliseconds: Int64 { self.nanoseconds / 1_000_000 }
}
