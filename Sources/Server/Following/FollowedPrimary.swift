/// What the command line says about the node to follow.
package struct FollowedPrimary: Sendable, Equatable {
    /// `http://…` or `https://…`, perhaps with a path before ours.
    package let url: String
    /// Verifier keys to trust; none: those that are pinned, or else the first that the primary shows.
    package let keys: [String]

    package init(url: String, keys: [String] = []) {
        self.url = url
        self.keys = keys
    }
}
