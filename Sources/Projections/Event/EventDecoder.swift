package import LogValues
import RawJSON

/// An event as a line of the log holds it.
package struct EventLine: Sendable, Equatable {
    package let position: SequenceNumber
    /// Whether the next line belongs to the same proposal.
    package let hasMore: Bool
    package let event: Event

    package init(position: SequenceNumber, hasMore: Bool, event: Event) {
        self.position = position
        self.hasMore = hasMore
        self.event = event
    }
}

/// Reads event lines (`docs/log-format.md`, "Events").
///
/// One decoder for many lines: it remembers names, so that those which come again share their memory. Keys and types
/// that it does not know are skipped; lines whose content was erased are read as well. Measured: see
/// `tools/benchmarks/Micro/ReducerBenchmarks.swift`, `event.decode`.
package struct EventDecoder: Sendable {
    /// The depth of an event line for every reader: content is at most 200 deep, inside of a line's object.
    package static let maximumDepth = 256

    private var names = NameCache()
    private var postedLines = PostedLineReader()

    package init() {}

    /// Reads one line.
    ///
    /// - Parameter line: The line as it was written, whole or in its redacted form, without the newline.
    /// - Returns: What it says.
    /// - Throws: ``EventCodingError``, naming the key that is missing or wrong.
    package mutating func decode(_ line: Bytes) throws(EventCodingError) -> EventLine {
        if let posted = self.postedLines.read(line, names: &self.names) { return posted }
        return try self.decodeByKey(line)
    }

    /// Reads any line, key by key.
    mutating func decodeByKey(_ line: Bytes) throws(EventCodingError) -> EventLine {
        var reader = LineFieldReader(line, maximumDepth: Self.maximumDepth)
        var envelope = EventEnvelope()
        try envelope.read(&reader, names: &self.names)
        return try envelope.line()
    }

    /// Reads one line.
    package mutating func decode(_ line: [UInt8]) throws(EventCodingError) -> EventLine {
        try self.decode(line.span)
    }
}
