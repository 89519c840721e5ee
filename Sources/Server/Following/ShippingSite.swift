import Following
import Hub
import LogValues
import Projections
import Web

/// The endpoints under `/log/` that nodes of one log use among each other, and `/metrics`, which tells how they stand.
struct ShippingSite {
    let handlers: [String: any RequestHandler]

    init(
        _ gate: LogGate,
        _ sink: any CommandSink,
        _ access: AccessControl,
        _ nodes: NodeAccess,
        _ configuration: Configuration,
        _ follower: Follower?
    ) {
        let registry = FollowerRegistry()
        let segments = SegmentsHandler(
            gate: gate,
            access: nodes,
            node: configuration.nodeName,
            maxBodySize: configuration.limits.maxBodySize,
            isFollower: follower != nil
        )
        let beginning = BeginningHandler(gate: gate, access: nodes, isFollower: follower != nil)
        let metrics = MetricsHandler(
            gate: gate,
            access: access,
            registry: registry,
            following: follower?.status,
            version: ProductVersion.text,
            now: { Double(Timestamp.wallClock().microseconds) / 1e6 }
        )
        self.handlers = [
            MetricsHandler.path: metrics,
            PromoteHandler.path: PromoteHandler(
                gate: gate,
                access: access,
                following: follower.map { ($0.promotion, $0.status) }
            ),
            BeginningHandler.snapshotsPath: beginning,
            BeginningHandler.snapshotsPath + "/": beginning,
            BeginningHandler.hashesPath: beginning,
            SegmentsHandler.path: segments,
            SegmentsHandler.path + "/": segments,
            ProposalsHandler.path: ProposalsHandler(
                gate: gate,
                sink: sink,
                access: nodes,
                registry: registry,
                node: configuration.nodeName,
                isFollower: follower != nil
            ),
            LogStatusHandler.path: LogStatusHandler(
                gate: gate,
                access: access,
                nodes: nodes,
                node: configuration.nodeName,
                registry: registry,
                following: follower.map { ($0.primary.url, $0.status) }
            ),
        ]
    }
}
