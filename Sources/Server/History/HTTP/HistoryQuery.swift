import Archive
import EventLog
import LogValues
import Projections
import Web

/// The parameters of `GET /channels/{name}/history`.
struct HistoryQuery: Equatable, Sendable {
    static let defaultLimit = 50
    static let limits = 1...500

    let range: HistoryRange
    let asOf: AsOf?

    init(_ parameters: inout Parameters) {
        let before = parameters.number("before").map { SequenceNumber($0) }
        let after = parameters.number("after")
        let limit = parameters.number("limit").map { Int(clamping: $0) } ?? Self.defaultLimit
        if !Self.limits.contains(limit) {
            let message = "Must be between \(Self.limits.lowerBound) and \(Self.limits.upperBound)."
            parameters.note(.other(message), at: "limit")
        }
        self.range = HistoryRange(before: before, after: after, limit: limit)
        self.asOf = AsOf.read(&parameters)
    }
}

extension AsOf {
    /// The parameter `as_of`; nil if it is not there, or cannot be read, which is noted then.
    static func read(_ parameters: inout Parameters) -> AsOf? {
        parameters.value("as_of", .other("Not the number of an event, and not a valid datetime.")) { AsOf($0) }
    }
}
