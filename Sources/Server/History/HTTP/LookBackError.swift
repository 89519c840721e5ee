import EventLog
import HTTPTypes
import LogValues
import Projections
import Web

/// Why a look back is refused, and with what answer.
enum LookBackError: Error, Equatable {
    /// What is wrong with parameters, by name.
    case invalid([Fault])
    case unknownChannel
    case unknownMessage
    /// The log does not reach that far.
    case behindEnd(SequenceNumber?)
    /// The moment has not come yet.
    case inFuture
    /// What was before this line is not kept any more.
    case beforeFirst(SequenceNumber)
    /// Not now; try again.
    case unavailable(String)
    /// The log or the index cannot be read.
    case failed(String)

    struct Fault: Error, Equatable {
        let name: String
        let message: String
    }

    var response: APIResponse {
        switch self {
        case .invalid(let faults):
            Self.invalid(faults)
        case .unknownChannel:
            .refusal(.notFound, "The log names no such channel.")
        case .unknownMessage:
            .refusal(.notFound, "The log names no such message.")
        case .behindEnd(let end):
            Self.invalid([Fault(name: "as_of", message: "The log ends at \(end?.rawValue ?? 0).")])
        case .inFuture:
            Self.invalid([Fault(name: "as_of", message: "That moment has not come yet.")])
        case .beforeFirst(let first):
            .refusal(.gone, "What was before event \(first) is not kept any more.")
        case .unavailable(let reason):
            .unavailable(reason)
        case .failed(let reason):
            .refusal(.internalServerError, reason)
        }
    }

    /// As everywhere: field -> messages.
    private static func invalid(_ faults: [Fault]) -> APIResponse {
        var errors = ValidationErrors()
        for fault in faults { errors.add(.message(.other(fault.message)), at: Array(fault.name.utf8)) }
        return .invalid(errors)
    }
}
