/// A fault of a value, in the words that Channelstream's clients know.
package enum ValidationMessage: Equatable, Sendable {
    case missing
    case null
    case notAString
    case length(maximum: Int)
    case notAList
    case tooFew(minimum: Int)
    case tooMany(maximum: Int)
    case notAMapping
    case notAScalar
    case notAUUID
    case notABoolean
    case notAnInteger
    case negative
    case tooSmall(minimum: UInt64)
    case tooLarge(maximum: UInt32)
    case notADateTime
    case unknownField
    case invalidInput
    case unknownConnection
    case connectionOfAnotherUser
    case unknownUser
    case userHasConnections
    case unknownChannel
    case notOneTarget
    case onlyWithChannel
    /// In words that Channelstream has none for.
    case other(String)

    package var text: String {
        switch self {
        case .missing: "Missing data for required field."
        case .null: "Field may not be null."
        case .notAString: "Not a valid string."
        case .length(let maximum): "Length must be between 1 and \(maximum)."
        case .notAList: "Not a valid list."
        case .tooFew(let minimum): "Shorter than minimum length \(minimum)."
        case .tooMany(let maximum): "Longer than maximum length \(maximum)."
        case .notAMapping: "Not a valid mapping type."
        case .notAScalar: "Value is not type of string, integer, boolean or float."
        case .notAUUID: "Not a valid UUID."
        case .notABoolean: "Not a valid boolean."
        case .notAnInteger: "Not a valid integer."
        case .negative: "Must be greater than or equal to 0."
        case .tooSmall(let minimum): "Must be greater than or equal to \(minimum)."
        case .tooLarge(let maximum): "Must be less than or equal to \(maximum)."
        case .notADateTime: "Not a valid datetime."
        case .unknownField: "Unknown field."
        case .invalidInput: "Invalid input type."
        case .unknownConnection: "Unknown connection"
        case .connectionOfAnotherUser: "Connection of another user"
        case .unknownUser: "Unknown user"
        case .userHasConnections: "User has connections"
        case .unknownChannel: "Unknown channel"
        case .notOneTarget: "Exactly one of message, user and channel is needed."
        case .onlyWithChannel: "Only a channel can be forgotten."
        case .other(let text): text
        }
    }
}
