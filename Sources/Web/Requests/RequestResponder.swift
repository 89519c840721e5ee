/// Whoever answers the requests of a connection.
package protocol RequestResponder: Sendable {
    /// Whether a request, of which only the head has come, may send its body; asked unless the body is small.
    func admit(_ request: consuming APIRequest) -> BodyAdmission

    /// Answers a request; `reply` is called exactly once, from any thread, or before this returns.
    func respond(to request: consuming APIRequest, reply: @escaping @Sendable (APIResponse) -> Void)
}
