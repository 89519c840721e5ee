import HTTPTypes

/// The nodes' door: an allowed address with a signature by `node_secret`.
///
/// Not by the backends' secret: what stands in a log is more than any backend is told, and what a node proposes goes into
/// it unseen. A backend that is taken over is to be no way to either.
package struct NodeAccess: Sendable {
    /// The fields that proxies add to a request that they hand on.
    private static let marksOfProxies: [StaticString] = [
        "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "x-script-name",
        "x-scheme", "x-url-scheme", "via",
    ]

    private let signature: SignatureCheck?
    private let isSecretDocumented: Bool

    /// - Parameters:
    ///   - secret: The nodes' secret; without one no node may come.
    ///   - isDocumented: Whether it stands in every copy of the documentation, and so tells nothing about who comes by a proxy.
    ///   - settings: The API's, for the addresses and the age of signatures.
    ///   - now: Seconds since 1970.
    package init(
        secret: Secret?,
        isDocumented: Bool,
        _ settings: APISettings,
        now: @escaping @Sendable () -> Int64
    ) {
        self.signature = secret.map { SignatureCheck(settings, secret: $0, now: now) }
        self.isSecretDocumented = isDocumented
    }

    func check(_ request: APIRequest) throws(Refusal) {
        guard let signature = self.signature else {
            throw Refusal(.forbidden, "No node may come: node_secret is not set here.")
        }
        if self.isSecretDocumented, Self.marksOfProxies.contains(where: request.fields.contains) {
            throw Refusal(.forbidden, "No node may come by a proxy: node_secret is not set here.")
        }
        try signature.check(request)
    }
}
