import Projections

/// Why the state does not allow what a command asks for, as ``Reply/invalid(_:)`` carries it.
package enum StateFault: Sendable, Equatable {
    case unknownConnection
    case connectionOfAnotherUser
    case unknownUser
    case unknownChannel
    case userHasConnections
    case unknownType

    /// Why a state does not know something; nil when it does.
    init?(_ subject: Question.Subject, unknownTo state: borrowing HubState) {
        switch subject {
        case .connection(let connection):
            guard state.connection(connection) == nil else { return nil }
            self = .unknownConnection
        case .user(let user):
            guard state.user(user) == nil else { return nil }
            self = .unknownUser
        }
    }

    /// The same for an event that was accepted and then made no sense, because the state moved in between.
    init(_ rejection: Outcome.Rejection) {
        self =
            switch rejection {
            case .unknownConnection, .notAttached: .unknownConnection
            case .connectionOfAnotherUser: .connectionOfAnotherUser
            case .unknownUser: .unknownUser
            case .unknownChannel: .unknownChannel
            case .userHasConnections: .userHasConnections
            case .unknownType: .unknownType
            }
    }
}
