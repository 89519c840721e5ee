package import Projections

/// The hub's answer to a command, sent when its events are durable and applied, or to a question.
package enum Reply: Sendable {
    /// 200 with this JSON.
    case json([UInt8])
    /// 422: the state does not allow it.
    case invalid(StateFault)
    /// `attach`: unknown connection (or not attachable).
    case refused
    /// `attach`: the ticket is in the change feed.
    case attached
    /// `missedPart`; refused where frames are gone.
    case missed(MissedPart)
    /// 503: the log takes nothing any more, or the hub is stopping.
    case unavailable(reason: String)
}
