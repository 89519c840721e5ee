/// The node to follow, as the command line names it.
package struct FollowedPrimary: Sendable, Equatable {
    /// `http://…` or `https://…`, perhaps with a path before ours.
    package let url: String
    /// Verifier keys to trust; none: those that are pinned, or else the first that the primary shows.
    package let keys: [String]
    /// A file of certificates in PEM form to trust for `https://`; nil: those that the system trusts.
    package let certificates: String?

    package init(url: String, keys: [String] = [], certificates: String? = nil) {
        self.url = url
        self.keys = keys
        self.certificates = certificates
    }
}
