import HTTPTypes
package import Hub
import NIOCore
import Projections
import RawJSON
package import Web

/// `GET /log/status`: which part this node plays, how far its log reaches, and how far others are behind it or it behind
/// its primary.
///
/// For operators, who sign as backends do, and for other nodes.
package struct LogStatusHandler: RequestHandler {
    package static let path = "/log/status"

    package let gate: LogGate
    package let access: AccessControl
    package let nodes: NodeAccess
    package let node: String
    package let registry: FollowerRegistry
    /// Nil on a node that decides for itself.
    package let following: (url: String, status: FollowStatus)?

    package init(
        gate: LogGate,
        access: AccessControl,
        nodes: NodeAccess,
        node: String,
        registry: FollowerRegistry,
        following: (url: String, status: FollowStatus)?
    ) {
        self.gate = gate
        self.access = access
        self.nodes = nodes
        self.node = node
        self.registry = registry
        self.following = following
    }

    package func respond(to request: APIRequest) async -> APIResponse {
        if let refusal = self.access.verdict(on: request).refusal, self.nodes.refusal(of: request) != nil {
            return refusal
        }
        guard let log = self.gate.log else { return .unavailable("the log is being opened; try again") }
        var writer = JSONWriter(capacity: 512)
        let end = log.sequencer.end
        writer.beginObject()
        writer.key("role")
        writer.string(self.following == nil ? "primary" : "follower")
        writer.key("node")
        writer.string(self.node)
        writer.key("log")
        writer.string(log.logID)
        writer.key("end")
        writer.integer(end)
        if let (url, status) = self.following {
            Self.write(status.report, url: url, end: end, now: .now(), into: &writer)
        }
        self.writeFollowers(end: end, now: .now(), into: &writer)
        writer.endObject()
        var response = APIResponse.json(writer.bytes)
        if let name = HTTPField.Name(SegmentsHandler.endHeader) { response.headers[name] = "\(end)" }
        return response
    }

    private static func write(
        _ report: FollowStatus.Report,
        url: String,
        end: UInt64,
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
        writer.integer(report.primaryEnd)
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
        writer.integer(report.primaryEnd > end ? report.primaryEnd - end : 0)
        writer.key("lag_bytes")
        writer.integer(report.missingBytes)
        writer.key("lag_ms")
        writer.integer(report.behindSince.map { (now - $0).milliseconds } ?? 0)
    }

    private func writeFollowers(end: UInt64, now: NIODeadline, into writer: inout JSONWriter) {
        writer.key("followers")
        writer.beginArray()
        for follower in self.registry.all {
            writer.beginObject()
            writer.key("node")
            writer.string(utf8: follower.node.utf8)
            writer.key("end")
            writer.integer(follower.position)
            writer.key("lag_events")
            writer.integer(end > follower.position ? end - follower.position : 0)
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
