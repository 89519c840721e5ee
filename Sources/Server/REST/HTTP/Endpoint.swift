import HTTPTypes

/// The paths that the REST half answers by itself.
enum Endpoint: Sendable, Hashable {
    case connect
    case subscribe
    case unsubscribe
    case userState
    case message
    case channelConfig
    case info
    case disconnect
    case openAPI

    init?(path: String) {
        switch path {
        case "/message": self = .message
        case "/connect": self = .connect
        case "/subscribe": self = .subscribe
        case "/unsubscribe": self = .unsubscribe
        case "/user_state": self = .userState
        case "/channel_config": self = .channelConfig
        case "/info": self = .info
        case "/disconnect": self = .disconnect
        case "/openapi.json": self = .openAPI
        default: return nil
        }
    }

    var methods: [HTTPRequest.Method] {
        switch self {
        case .connect, .subscribe, .unsubscribe, .userState, .channelConfig: [.post]
        case .message: [.post, .patch, .delete]
        case .info, .disconnect: [.get, .post]
        case .openAPI: [.get]
        }
    }

    /// Who may call it.
    enum Access {
        /// The backend: an allowed address with a good signature.
        case backend
        /// The backend, or whoever is signed in as the administrator.
        case backendOrAdministrator
        /// Everybody: the client's own business.
        case everybody
    }

    var access: Access {
        switch self {
        case .connect, .subscribe, .unsubscribe, .userState, .message, .channelConfig, .info: .backend
        case .openAPI: .backendOrAdministrator
        case .disconnect: .everybody
        }
    }
}
