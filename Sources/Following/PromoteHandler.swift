package import HTTPTypes
package import Hub
import NIOCore
import RawJSON
import Synchronization
package import Web

/// An operator's order that a running follower decide for itself, which is carried out when the server has stopped.
package final class PromotionRequest: Sendable {
    private struct State {
        var isAsked = false
        var stop: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    package var isAsked: Bool { self.state.withLock { $0.isAsked } }

    /// What ends the serving as a signal would; called once, if at all.
    package func whenAsked(_ stop: @escaping @Sendable () -> Void) {
        self.state.withLock { $0.stop = stop }
    }

    /// Returns false if it was asked for already, or the server has not started.
    func ask() -> Bool {
        let stop = self.state.withLock { state -> (@Sendable () -> Void)? in
            guard !state.isAsked else { return nil }
            state.isAsked = state.stop != nil
            return state.stop
        }
        guard let stop else { return false }
        Task {
            // The answer goes first.
            try? await Task.sleep(for: .milliseconds(50))
            stop()
        }
        return true
    }
}

/// `POST /admin/promote`: has a running follower stop, be promoted, and serve again as a node that decides for itself.
///
/// The same steps as by hand, so a crash leaves the same: a follower, or a promoted node.
package struct PromoteHandler: RequestHandler {
    package static let path = "/admin/promote"

    package let gate: LogGate
    package let access: AccessControl
    /// Nil on a node that decides for itself.
    package let following: (promotion: PromotionRequest, status: FollowStatus)?

    package init(
        gate: LogGate,
        access: AccessControl,
        following: (promotion: PromotionRequest, status: FollowStatus)?
    ) {
        self.gate = gate
        self.access = access
        self.following = following
    }

    package var methods: [HTTPRequest.Method] { [.post] }

    package func respond(to request: APIRequest) async -> APIResponse {
        if let refusal = self.access.verdict(on: request).refusal { return refusal }
        guard let (promotion, status) = self.following else {
            return .refusal(.conflict, "This node follows nobody; it decides already.")
        }
        guard let log = self.gate.log else { return .unavailable("the log is being opened; try again") }
        let report = status.report
        // Two that decide make two histories, and nobody can put them together again.
        guard report.unreachableSince != nil || request.query.string("force") == "true" else {
            return .refusal(
                .conflict,
                "The primary may still be there: stop it first, so that it is seen to be away, or say force=true."
            )
        }
        guard promotion.ask() else { return .refusal(.conflict, "The promotion is under way.") }
        return Self.answer(end: log.sequencer.end, report)
    }

    private static func answer(end: UInt64, _ report: FollowStatus.Report) -> APIResponse {
        let known = max(report.primaryEnd, report.checkpointSize)
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        writer.key("promoting")
        writer.bool(true)
        writer.key("end")
        writer.integer(end)
        writer.key("missing_up_to")
        if known > end { writer.integer(known) } else { writer.null() }
        writer.endObject()
        return .json(writer.bytes, status: .accepted)
    }
}
