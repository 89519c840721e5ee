/// Who may call an endpoint: a column of the table of endpoints.
package enum Access: Sendable, Hashable {
    /// Clients call it themselves, or it is good for something only if everybody has it.
    case everybody
    /// An allowed address, signed or not.
    case allowedAddress
    /// An allowed address with a good signature.
    case backend
    /// Another node of this log: an allowed address with a signature by the nodes' own secret.
    case node
    case backendOrNode
    /// The backend, or whoever is signed in as the administrator.
    case backendOrAdministrator
    /// The same for a page: a stranger is sent to the form.
    case administratorPage
}

/// Who makes a request, as far as its endpoint asks.
package enum Caller: Sendable, Hashable {
    case anybody
    case backend
    case node
    case administrator
}
