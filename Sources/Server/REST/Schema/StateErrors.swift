import Projections
import RawJSON

/// The bodies of 422 answers that only the state can give, as ``Reply/invalid(_:)`` carries them.
enum StateErrors {
    static let unknownConnection = Self.body("conn_id", .unknownConnection)
    static let connectionOfAnotherUser = Self.body("conn_id", .connectionOfAnotherUser)
    static let unknownUser = Self.body("user", .unknownUser)

    /// What is said when a state does not know something; nil when it does.
    static func unknown(_ subject: Command.Subject, in state: borrowing HubState) -> [UInt8]? {
        switch subject {
        case .connection(let connection): state.connection(connection) == nil ? self.unknownConnection : nil
        case .user(let user): state.user(user) == nil ? self.unknownUser : nil
        }
    }

    /// The same for an event that was accepted and then made no sense, because the state moved in between.
    static func body(for rejection: Outcome.Rejection) -> [UInt8] {
        switch rejection {
        case .unknownConnection, .notAttached: self.unknownConnection
        case .connectionOfAnotherUser: self.connectionOfAnotherUser
        case .unknownUser: self.unknownUser
        case .unknownChannel: self.body("channel", .unknownChannel)
        case .userHasConnections: self.body("user", .userHasConnections)
        case .unknownType: self.body("_schema", .invalidInput)
        }
    }

    private static func body(_ name: StaticString, _ message: ValidationMessage) -> [UInt8] {
        var writer = JSONWriter(capacity: 64)
        ValidationErrors(name, message).write(into: &writer)
        return writer.bytes
    }
}
