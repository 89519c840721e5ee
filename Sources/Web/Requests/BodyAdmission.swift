/// The body that a request may send, decided from its head, before any of it is waited for.
package enum BodyAdmission: Sendable {
    /// Bytes at most (413 beyond); and who sends them, where that was looked at and found good.
    case upTo(Int, Caller?)
    /// Nothing: the answer is known already.
    case refused(APIResponse)
}
