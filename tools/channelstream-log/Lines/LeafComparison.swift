import EventLog
import Projections
import RawJSON

/// Stops at the first line that has another hash than was recorded beside the log, or, where none was, is no JSON.
struct LeafComparison {
    private let leaves: RecordedLeaves
    private var scratch: [UInt8] = []

    init(_ leaves: RecordedLeaves) {
        self.leaves = leaves
    }

    /// - Throws: ``ToolFailure`` if the line has another hash, or is no event line.
    mutating func check(_ line: LogLine) throws {
        guard let recorded = self.leaves.leaf(of: line.sequenceNumber) else { return try self.checkStructure(of: line) }
        guard (try? Redaction.leafHash(of: line.bytes, scratch: &self.scratch)) != recorded else { return }
        throw ToolFailure(
            .hashes,
            "\(line.place): has another hash than was recorded "
                + "beside the log, and its frame has no checksum yet: it and what follows are not shown; see `verify`"
        )
    }

    private func checkStructure(of line: LogLine) throws {
        do {
            try LineParts.checkStructure(of: line.bytes)
        } catch {
            throw ToolFailure(
                .damage,
                "\(line.place): not an event line: \(error)"
            )
        }
    }
}
