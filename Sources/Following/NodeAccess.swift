import HTTPTypes
package import Web

/// Who may use the endpoints by which nodes of one log speak to each other: an allowed address with a signature by
/// `node_secret`.
///
/// Not by the backends' secret: what stands in a log is more than any backend is told, and what a node proposes goes into
/// it unseen. A backend that is taken over is to be no way to either.
package struct NodeAccess: Sendable {
    /// What proxies add to a request that they hand on.
    private static let marksOfProxies: [StaticString] = [
        "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "x-script-name",
        "x-scheme", "x-url-scheme", "via",
    ]

    /// Nil where no node may come.
    private let access: AccessControl?
    /// Whether the secret stands in every copy of the documentation, and so tells nothing about who comes by a proxy.
    private let isSecretDocumented: Bool

    /// - Parameters:
    ///   - secret: The nodes' own; nil where no node may come.
    ///   - isDocumented: Whether it is the one that the documentation names.
    ///   - settings: Of its API, for the addresses and the age of signatures.
    ///   - now: Seconds since 1970.
    package init(
        _ secret: Secret?,
        isDocumented: Bool,
        _ settings: APISettings,
        now: @escaping @Sendable () -> Int64
    ) {
        self.access = secret.map { secret in
            var settings = settings
            settings.secret = secret
            return AccessControl(settings, now: now)
        }
        self.isSecretDocumented = isDocumented
    }

    /// Why a request is refused; nil if it is not.
    func refusal(of request: APIRequest) -> APIResponse? {
        guard let access = self.access else {
            return .refusal(.forbidden, "No node may come: node_secret is not set here.")
        }
        if self.isSecretDocumented, Self.marksOfProxies.contains(where: request.fields.contains) {
            return .refusal(.forbidden, "No node may come by a proxy: node_secret is not set here.")
        }
        return access.verdict(on: request).refusal
    }
    /// Whether a request may send its body, before the body is read.
    func admit(_ request: APIRequest, _ limits: APILimits) -> BodyAdmission {
        self.refusal(of: request).map { .refused($0) } ?? .upTo(limits.bodySize, isGranted: true)
    }
}
