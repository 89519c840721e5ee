import HTTPTypes

/// Who may call the backend endpoints: an allowed address with a good signature.
package struct AccessControl: Sendable {
    package enum Verdict: Sendable, Equatable {
        case granted
        /// From an address that may not call, or without any signature.
        case forbidden
        case badSignature
    }

    private let signer: TimestampSigner
    private let validatesAge: Bool
    private let addresses: AddressRules
    private let now: @Sendable () -> Int64

    /// `now` gives seconds since 1970.
    package init(_ settings: APISettings, now: @escaping @Sendable () -> Int64) {
        self.signer = TimestampSigner(secret: settings.secret.revealed)
        self.validatesAge = settings.validatesAge
        self.addresses = settings.allowedAddresses
        self.now = now
    }

    /// Whether a request comes from an address that may call, signed or not.
    package func isFromAllowedAddress(_ request: APIRequest) -> Bool { self.addresses.allows(request.remote) }

    /// Looks at the address first, then at the header `X-Channelstream-Secret`, or else at the parameter `secret`.
    ///
    /// If there is a header, only the header counts; if it is empty, there is no signature.
    package func verdict(on request: APIRequest) -> Verdict {
        guard self.addresses.allows(request.remote) else { return .forbidden }
        if let verdict = request.fields.withValue(of: "x-channelstream-secret", { self.verdict(on: $0) }) {
            return verdict
        }
        guard let token = request.query.value("secret") else { return .forbidden }
        return token.withUnsafeBytes { self.verdict(on: $0) }
    }

    /// Whether a request may send its body, before the body is read: up to the limit with a good signature.
    package func admit(_ request: APIRequest, _ limits: APILimits) -> BodyAdmission {
        self.verdict(on: request).refusal.map { .refused($0) } ?? .upTo(limits.bodySize, isGranted: true)
    }

    private func verdict(on token: UnsafeRawBufferPointer) -> Verdict {
        guard !token.isEmpty else { return .forbidden }
        do {
            try self.signer.verify(token, now: self.validatesAge ? self.now() : nil)
            return .granted
        } catch {
            return .badSignature
        }
    }
}

extension AccessControl.Verdict {
    /// The refusal that it stands for; nil when there is none.
    package var refusal: APIResponse? {
        switch self {
        case .granted:
            nil
        case .forbidden:
            .refusal(.forbidden, "A signature from an allowed address is needed (X-Channelstream-Secret).")
        case .badSignature:
            .json(Self.badSignatureBody, status: .unauthorized)
        }
    }

    private static let badSignatureBody = Array(#"{"request": "Bad Signature"}"#.utf8)
}
