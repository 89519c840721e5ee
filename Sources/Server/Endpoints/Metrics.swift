import Archive
import EventLog
import Following
import HTTPTypes
import Hub
import LogValues
import NIOCore
import Projections
import Web

extension LogEndpoints {
    /// `GET /metrics`: how this node's log stands, and how far followers are behind it or it behind its primary.
    ///
    /// Scrapers cannot sign, so an allowed address is enough. Nothing in it is secret: numbers, the version, names of nodes.
    /// It waits for nobody: neither the hub nor the log is asked, only what they have noted.
    var metrics: Endpoint {
        let operation = Operation(
            "metrics",
            "How the log stands, and who is behind by how much, for Prometheus",
            tag: "Nodes",
            answers: .text,
            produces: ["text/plain", "application/openmetrics-text", "application/json"],
            ownRefusals: [403: "From an address that may not call"]
        )
        return Endpoint(.get, "/metrics", for: .allowedAddress, operation) { (request, reply) throws(Refusal) in
            let format = MetricsText.Format(accepting: request.headers[.accept])
            var text = MetricsText(format)
            self.write(into: &text)
            let headers: HTTPFields = [.contentType: format.contentType, .cacheControl: "no-store"]
            reply(APIResponse(status: .ok, headers: headers, body: ByteBuffer(string: text.finish())))
        }
    }

    private func write(into text: inout MetricsText) {
        text.gauge("channelstream_build_info", "The program that runs.", .init(1, ("version", ProductVersion.text)))
        text.gauge("channelstream_ready", "Whether the log was replayed.", .init(self.gate.log == nil ? 0 : 1))
        let end = self.gate.log?.end ?? .start
        text.gauge("channelstream_log_end", "Number of the last committed event.", .init(Double(end.rawValue)))
        let isFailed = self.gate.log.map { $0.sequencer.failure != nil } ?? false
        text.gauge("channelstream_log_failed", "Whether nothing is committed any more.", .init(isFailed ? 1 : 0))
        if let report = self.following?.status.report { self.write(report, end: end, into: &text) }
        self.writeFollowers(end: end, into: &text)
    }

    /// Writes how a follower stands to its primary.
    private func write(_ report: FollowStatus.Report, end: SequenceNumber, into text: inout MetricsText) {
        let (now, clock) = (NIODeadline.now(), Self.secondsSince1970())
        let isReachable = report.lastContact != nil && report.unreachableSince == nil
        text.gauge(
            "channelstream_primary_reachable",
            "Whether the last contact with the primary worked.",
            .init(isReachable ? 1 : 0)
        )
        text.gauge(
            "channelstream_following_stalled",
            "Whether nothing is taken from the primary for want of room, or because the own log has failed.",
            .init(report.stall == nil ? 0 : 1)
        )
        text.gauge(
            "channelstream_primary_last_contact_timestamp_seconds",
            "When the primary answered last; 0 before it has.",
            .init(report.lastContact.map { clock - (now - $0).seconds } ?? 0)
        )
        text.gauge(
            "channelstream_primary_log_end",
            "The primary's last event, as of the last contact.",
            .init(Double(report.primaryEnd.rawValue))
        )
        text.gauge(
            "channelstream_primary_checkpoint_size",
            "Events that the newest signed checkpoint covers that was seen.",
            .init(Double(report.checkpointSize))
        )
        text.gauge(
            "channelstream_primary_lag_events",
            "Events that the primary had at the last contact and this node has not committed.",
            .init(Double(report.primaryEnd.count(after: end)))
        )
        text.gauge(
            "channelstream_primary_lag_bytes",
            "Bytes of the primary's log, compressed, that had not come at the last contact.",
            .init(Double(report.missingBytes))
        )
        text.gauge(
            "channelstream_primary_lag_seconds",
            "Since when this node has not had all that the primary had; 0 while it has.",
            .init(report.behindSince.map { (now - $0).seconds } ?? 0)
        )
    }

    /// Writes who follows this node, as far as they have shown themselves in the last hour.
    private func writeFollowers(end: SequenceNumber, into text: inout MetricsText) {
        let (now, clock) = (NIODeadline.now(), Self.secondsSince1970())
        let followers = self.registry.all
        text.gauge("channelstream_followers", "Nodes that follow this one.", .init(Double(followers.count)))
        text.gauge(
            "channelstream_follower_lag_events",
            "Events that a follower did not have at its last contact.",
            followers.map { .init(Double(end.count(after: $0.position)), ("follower", "\($0.node)")) }
        )
        text.gauge(
            "channelstream_follower_last_contact_timestamp_seconds",
            "When a follower showed itself last.",
            followers.map { .init(clock - (now - $0.lastContact).seconds, ("follower", "\($0.node)")) }
        )
    }
}

extension LogEndpoints {
    private static func secondsSince1970() -> Double { Double(Timestamp.wallClock().microseconds) / 1e6 }
}

extension TimeAmount {
    fileprivate var seconds: Double { Double(self.nanoseconds) / 1e9 }
}
