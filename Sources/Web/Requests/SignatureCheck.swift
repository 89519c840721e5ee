import HTTPTypes
import LogValues

/// A signature by one secret, from an allowed address.
struct SignatureCheck: Sendable {
    private let signer: TimestampSigner
    private let validatesAge: Bool
    private let addresses: AddressRules
    private let now: @Sendable () -> Int64

    /// `secret` signs in place of the settings' own; `now` gives seconds since 1970.
    init(_ settings: APISettings, secret: Secret? = nil, now: @escaping @Sendable () -> Int64) {
        self.signer = TimestampSigner(secret: (secret ?? settings.secret).revealed)
        self.validatesAge = settings.validatesAge
        self.addresses = settings.allowedAddresses
        self.now = now
    }

    /// Looks at the address first, then at the header `X-Channelstream-Secret`, or else at the parameter `secret`.
    ///
    /// If there is a header, only the header counts; if it is empty, there is no signature.
    ///
    /// - Throws: ``unsigned`` for an address that may not call or without a signature, otherwise ``badSignature``.
    func check(_ request: APIRequest) throws(Refusal) {
        guard self.addresses.allows(request.remote) else { throw Self.unsigned }
        let header = request.fields.withValue(of: "x-channelstream-secret") { self.verdict(on: $0) }
        let verdict = header ?? request.query.value("secret").map { self.verdict(on: $0.span) }
        guard let verdict else { throw Self.unsigned }
        try verdict.get()
    }

    private func verdict(on token: Bytes) -> Result<Void, Refusal> {
        guard !token.isEmpty else { return .failure(Self.unsigned) }
        do {
            try self.signer.verify(token, now: self.validatesAge ? self.now() : nil)
            return .success(())
        } catch {
            return .failure(Self.badSignature)
        }
    }

    static let unsigned = Refusal(
        .forbidden,
        "A signature from an allowed address is needed (X-Channelstream-Secret)."
    )
    static let badSignature = Refusal(.unauthorized, written: Array(#"{"request": "Bad Signature"}"#.utf8))
}
