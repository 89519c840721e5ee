/// Who follows the hub's change feed.
package protocol ChangeReceiver: Sendable {
    /// Called on the hub's executor, once a commit, in order.
    func receive(_ batch: ChangeBatch)
}
