import HTTPTypes

/// Decides who makes a request, and whether he may: the one place where that is done.
package struct AccessControl: Sendable {
    /// Where strangers are sent who want to see a page.
    package static let signInPath = "/admin/sign_in"

    private let backends: SignatureCheck
    private let addresses: AddressRules
    private let nodes: NodeAccess
    private let isSignedIn: @Sendable (APIRequest) -> Bool

    /// - Parameters:
    ///   - settings: The API's: the backends' secret, and the addresses that may call.
    ///   - nodes: The nodes' door; closed if it is not given.
    ///   - isSignedIn: Whether the request carries the cookie of someone who is signed in as the administrator.
    ///   - now: Seconds since 1970.
    package init(
        _ settings: APISettings,
        nodes: NodeAccess? = nil,
        isSignedIn: @escaping @Sendable (APIRequest) -> Bool = { _ in false },
        now: @escaping @Sendable () -> Int64
    ) {
        self.backends = SignatureCheck(settings, now: now)
        self.addresses = settings.allowedAddresses
        self.nodes = nodes ?? NodeAccess(secret: nil, isDocumented: false, settings, now: now)
        self.isSignedIn = isSignedIn
    }

    /// Looks at the address, the signature and the cookie of a request, as its endpoint asks.
    ///
    /// - Returns: Who makes it.
    /// - Throws: What somebody is told who may not.
    package func caller(of request: APIRequest, for access: Access) throws(Refusal) -> Caller {
        switch access {
        case .everybody:
            return .anybody
        case .allowedAddress:
            guard self.addresses.allows(request.remote) else {
                throw Refusal(.forbidden, "This is for addresses that allow_posting_from lists.")
            }
            return .anybody
        case .backend:
            try self.backends.check(request)
            return .backend
        case .node:
            try self.nodes.check(request)
            return .node
        case .backendOrNode:
            return try self.backendOrNode(request)
        case .backendOrAdministrator:
            return try self.backendOrAdministrator(request)
        case .administratorPage:
            do {
                return try self.backendOrAdministrator(request)
            } catch {
                guard error == SignatureCheck.unsigned else { throw error }
                throw .redirect(to: request.proxy.url(of: Self.signInPath))
            }
        }
    }

    private func backendOrNode(_ request: APIRequest) throws(Refusal) -> Caller {
        do {
            try self.backends.check(request)
            return .backend
        } catch {
            let refusal = error
            do {
                try self.nodes.check(request)
                return .node
            } catch {
                throw refusal
            }
        }
    }

    private func backendOrAdministrator(_ request: APIRequest) throws(Refusal) -> Caller {
        guard self.isSignedIn(request) else {
            try self.backends.check(request)
            return .backend
        }
        // Else any page that an administrator visits could post here with the administrator's cookie.
        guard request.method == .get || SameOriginCheck.passes(request) else {
            throw Refusal(.forbidden, "The request was sent by another site.")
        }
        return .administrator
    }
}
