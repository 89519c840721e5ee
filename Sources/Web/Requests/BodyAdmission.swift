/// What a request may send as its body, decided from its head, before any of it is waited for.
package enum BodyAdmission: Sendable {
    /// Bytes at most (413 beyond); and whether the request's signature was looked at for it, and found good.
    case upTo(Int, isGranted: Bool)
    /// Nothing: the answer is known already.
    case refused(APIResponse)
}
