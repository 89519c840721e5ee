/// Whoever takes connections over that ask for another protocol (RFC 9110, section 7.8); one on each event loop.
package protocol UpgradeResponder: AnyObject {
    /// Decides from a request's head whether it is an upgrade.
    func judge(_ head: HTTPRequestHead) -> UpgradeVerdict
}

package enum UpgradeVerdict {
    /// An ordinary request.
    case notForUs
    case refuse(Refusal)
    case accept(any ConnectionUpgrade)
}

/// An upgrade that was accepted, until the channel has changed hands.
package protocol ConnectionUpgrade: AnyObject {
    /// Called once: hands the channel over, now or later, or refuses.
    func begin(on connection: HTTPConnectionHandler)

    /// The client is gone, or the channel is somebody else's now.
    func cancel()
}
