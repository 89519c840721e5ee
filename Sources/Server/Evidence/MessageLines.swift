package import EventLog
package import Projections

/// Knows which lines of the log are about a message.
package protocol MessageLines: Sendable {
    /// The lines of a message: its post, edits, deletion and erasure, in the order of the log.
    ///
    /// - Parameters:
    ///   - uuid: The message.
    ///   - end: How far the log may be read.
    /// - Returns: None if the log does not name the message.
    /// - Throws: What reading the log throws.
    func lines(ofMessage uuid: UUID128, through end: SequenceNumber) throws -> [SequenceNumber]
}

extension MessageIndex: MessageLines {}
