import EventLog
import LogValues
import Projections

/// Rebuilds the hub's state line by line.
struct StateReplay {
    private(set) var state: HubState
    private var decoder = EventDecoder()

    /// A replay that goes on from a state, by default the one before the first line.
    init(from state: HubState = HubState()) {
        self.state = state
    }

    /// Applies the next line.
    ///
    /// - Returns: The event that it holds.
    /// - Throws: ``ToolFailure`` if the line is no event.
    @discardableResult
    mutating func apply(_ line: LogLine) throws -> Event {
        let event = try self.decode(line)
        self.state.apply(event, at: line.sequenceNumber)
        return event
    }

    /// Reads a line without applying it.
    ///
    /// - Throws: ``ToolFailure`` if the line is no event.
    mutating func decode(_ line: LogLine) throws -> Event {
        do {
            return try self.decoder.decode(line.bytes).event
        } catch {
            throw ToolFailure(
                .damage,
                "\(line.segment): offset \(line.blockOffset): line \(line.sequenceNumber): \(error)"
            )
        }
    }

    /// The digest of the state now.
    mutating func digest() -> Hash256 { self.state.digest() }
}
