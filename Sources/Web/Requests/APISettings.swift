/// The configuration, as far as the REST half needs to know it.
package struct APISettings: Sendable {
    /// Signs the backend's calls.
    package var secret: Secret = "secret"
    /// Whether a signature's age counts (`validate_requests`).
    package var validatesAge = true
    /// Who may call the backend endpoints (`allow_posting_from`).
    package var allowedAddresses = AddressRules.loopback
    /// The rule for pages that may read answers (`allow_cors`).
    package var cors = CORSPolicy.everyone
    /// Whether requests that did not come over https are refused (`enforce_https`).
    package var enforcesHTTPS = false
    package var limits = APILimits()

    package init() {}
}

/// How much one request may ask for.
package struct APILimits: Sendable {
    /// Levels of objects and lists in a body, the payloads of messages included; beyond it 422.
    package var depth = 64
    /// Messages, edits or deletions in one call; beyond it 422.
    package var batchCount = 10_000
    /// The size of a body, in bytes; beyond it 413.
    package var bodySize = 8 * 1024 * 1024

    /// The size of a body that is taken from anybody, in bytes: no call that goes without a signature needs more.
    package static let unsignedBodySize = 64 * 1024

    package var smallBodySize: Int { min(Self.unsignedBodySize, self.bodySize) }

    package init() {}
}
