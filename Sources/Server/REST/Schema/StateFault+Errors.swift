import Hub
import Web

extension StateFault {
    /// The body of the 422 that it is answered with.
    var errors: ValidationErrors {
        switch self {
        case .unknownConnection: ValidationErrors("conn_id", .unknownConnection)
        case .connectionOfAnotherUser: ValidationErrors("conn_id", .connectionOfAnotherUser)
        case .unknownUser: ValidationErrors("user", .unknownUser)
        case .unknownChannel: ValidationErrors("channel", .unknownChannel)
        case .userHasConnections: ValidationErrors("user", .userHasConnections)
        case .unknownType: .invalidInput
        }
    }
}
