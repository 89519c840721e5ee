extension APISettings {
    /// What the operator configured.
    ///
    /// - Parameter configuration: Read and checked.
    /// - Throws: ``AddressRuleError`` for an entry of `allow_posting_from` that is neither an address nor a network.
    package init(_ configuration: Configuration) throws(AddressRuleError) {
        self.init()
        self.secret = configuration.secret
        self.validatesAge = configuration.validateRequests
        self.allowedAddresses = try AddressRules(configuration.allowPostingFrom)
        self.cors = CORSPolicy(allowing: configuration.allowCORS)
        self.enforcesHTTPS = configuration.enforceHTTPS
        self.scheme = configuration.httpScheme?.rawValue
        self.limits.targetSize = configuration.limits.maxURLSize
        self.limits.bodySize = configuration.limits.maxBodySize
        self.limits.depth = configuration.limits.maxJSONDepth
        self.limits.batchCount = configuration.limits.maxBatch
    }
}
