package import LogValues
import Projections

/// The hub's two clocks.
package protocol HubClock: Sendable {
    /// Wall time, which stands in events and may jump.
    var now: Timestamp { get }
    /// Time since a fixed moment, which never goes back: what timeouts are measured by.
    var elapsed: Duration { get }
}

package struct SystemHubClock: HubClock {
    private static let start = ContinuousClock.now

    package init() {}

    package var now: Timestamp { Timestamp.wallClock() }

    package var elapsed: Duration { Self.start.duration(to: .now) }
}
