import EventLog
package import LogValues
import Projections
import RawJSON
import Synchronization

/// The lines whose erasure is ordered, and whose segments may still hold the contents.
///
/// From an order to the rewriting of the last segment pass seconds on a long log, and until a disk is mended if it fails.
/// Whoever reads the log for others meanwhile shows these lines as erased. Held for a few lines, and empty but for then.
package final class PendingErasures: Sendable {
    private struct State {
        var lines: Set<SequenceNumber> = []
        var orderCount = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// The lines at this moment.
    package var lines: Set<SequenceNumber> { self.state.withLock { $0.lines } }

    /// How many erasures there have been: whoever read the log while this grew may have read what is erased now.
    package var orderCount: Int { self.state.withLock { $0.orderCount } }

    /// Takes lines up that are to be erased: before that is in the log, so that no reader comes in between.
    package func add(_ lines: some Sequence<SequenceNumber>) {
        self.state.withLock { state in
            state.lines.formUnion(lines)
            state.orderCount += 1
        }
    }

    /// Forgets lines whose contents are gone from the disk.
    package func remove(_ lines: Set<SequenceNumber>) {
        self.state.withLock { $0.lines.subtract(lines) }
    }
}

extension Set<SequenceNumber> {
    /// What may be shown of a line: its bytes, or its redacted form if it is one of these.
    ///
    /// - Parameters:
    ///   - line: The line's bytes.
    ///   - number: Its number.
    ///   - scratch: Where the redacted form is made.
    ///   - body: Called with what may be shown.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws; ``RedactionError`` if the line is malformed.
    func withShownBytes<R>(
        of line: Bytes,
        at number: SequenceNumber,
        _ scratch: inout [UInt8],
        _ body: (Bytes) throws -> R
    ) throws -> R {
        guard !self.isEmpty, self.contains(number) else { return try body(line) }
        try Redaction.redact(line, into: &scratch)
        return try body(scratch.span)
    }
}
