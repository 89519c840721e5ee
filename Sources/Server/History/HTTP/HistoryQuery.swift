import EventLog
import Projections

/// The parameters of `GET /channels/{name}/history`.
struct HistoryQuery: Equatable, Sendable {
    static let defaultLimit = 50
    static let limits = 1...500

    /// Only events before this one.
    let before: SequenceNumber?
    /// Only events after this one.
    let after: UInt64?
    let limit: Int
    let asOf: AsOf?

    /// Newest first, unless only `after` is given: then from there on.
    var isNewestFirst: Bool { self.before != nil || self.after == nil }

    /// Reads the parameters, and tells all that is wrong with them together.
    init(_ query: QueryParameters) throws(LookBackError) {
        var faults: [LookBackError.Fault] = []
        let before = UInt64.read(query.value("before"), "before", &faults)
        let after = UInt64.read(query.value("after"), "after", &faults)
        let limit = UInt64.read(query.value("limit"), "limit", &faults)
        if let limit, !Self.limits.contains(Int(clamping: limit)) {
            let message = "Must be between \(Self.limits.lowerBound) and \(Self.limits.upperBound)."
            faults.append(LookBackError.Fault(name: "limit", message: message))
        }
        let asOf = AsOf.read(query, &faults)
        guard faults.isEmpty else { throw .invalid(faults) }
        self.before = before.map { SequenceNumber($0) }
        self.after = after
        self.limit = limit.map { Int(clamping: $0) } ?? Self.defaultLimit
        self.asOf = asOf
    }
}

/// The parameters of `GET /message/{uuid}/lineage`.
struct LineageQuery: Equatable, Sendable {
    /// Only events after this one.
    let after: UInt64
    let asOf: AsOf?

    init(_ query: QueryParameters) throws(LookBackError) {
        var faults: [LookBackError.Fault] = []
        let after = UInt64.read(query.value("after"), "after", &faults)
        let asOf = AsOf.read(query, &faults)
        guard faults.isEmpty else { throw .invalid(faults) }
        self.after = after ?? 0
        self.asOf = asOf
    }
}

extension UInt64 {
    /// A parameter that is a number; nil if it is not there, or is none, which is noted then.
    fileprivate static func read(
        _ text: [UInt8]?,
        _ name: String,
        _ faults: inout [LookBackError.Fault]
    ) -> UInt64? {
        guard let text else { return nil }
        guard let number = UInt64(decimal: text) else {
            faults.append(LookBackError.Fault(name: name, message: ValidationMessage.notAnInteger.text))
            return nil
        }
        return number
    }
}

extension AsOf {
    /// The parameter `as_of`; nil if it is not there, or cannot be read, which is noted then.
    static func read(_ query: QueryParameters, _ faults: inout [LookBackError.Fault]) -> AsOf? {
        guard let text = query.value("as_of") else { return nil }
        if let asOf = AsOf(text) { return asOf }
        let message = "Not the number of an event, and not a valid datetime."
        faults.append(LookBackError.Fault(name: "as_of", message: message))
        return nil
    }

    /// The parameter `as_of`.
    static func read(_ query: QueryParameters) throws(LookBackError) -> AsOf? {
        var faults: [LookBackError.Fault] = []
        let asOf = self.read(query, &faults)
        guard faults.isEmpty else { throw .invalid(faults) }
        return asOf
    }
}
