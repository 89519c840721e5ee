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

    /// Reads the parameters, and tells all that is wrong with them together.
    init(_ query: QueryParameters) throws(LookBackError) {
        var faults: [LookBackError.Fault] = []
        let before = query.number("before", &faults)
        let after = query.number("after", &faults)
        let limit = query.number("limit", &faults)
        if let limit, !Self.limits.contains(Int(clamping: limit)) {
            let message = "Must be between \(Self.limits.lowerBound) and \(Self.limits.upperBound)."
            faults.append(LookBackError.Fault(name: "limit", message: message))
        }
        let asOf = AsOf.read(query, &faults)
        guard faults.isEmpty else { throw .invalid(faults) }
        self.range = HistoryRange(
            before: before.map { SequenceNumber($0) },
            after: after,
            limit: limit.map { Int(clamping: $0) } ?? Self.defaultLimit
        )
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
        let after = query.number("after", &faults)
        let asOf = AsOf.read(query, &faults)
        guard faults.isEmpty else { throw .invalid(faults) }
        self.after = after ?? 0
        self.asOf = asOf
    }
}

extension QueryParameters {
    /// A parameter that is a number; nil if it is not there, or is none, which is noted then.
    fileprivate func number(_ name: StaticString, _ faults: inout [LookBackError.Fault]) -> UInt64? {
        let field = self.number(name)
        if case .invalid = field {
            faults.append(LookBackError.Fault(name: "\(name)", message: ValidationMessage.notAnInteger.text))
        }
        return field.value
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
