import EventLog
import LogValues

/// Why the log does not tell what was asked of the past.
enum LookBackError: Error, Equatable {
    case unknownChannel
    case unknownMessage
    /// The log does not reach that far.
    case behindEnd(SequenceNumber?)
    /// The moment has not come yet.
    case inFuture
    /// Nothing before this line is kept any more.
    case beforeFirst(SequenceNumber)
    /// Not now; try again.
    case unavailable(String)
    /// The log or the index cannot be read.
    case failed(String)
}
