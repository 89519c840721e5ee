import EventLog
package import LogValues
import Projections

/// The steps of a follower to which an erasure comes in: the contents have to go from its own files too.
package struct FollowedErasure: Sendable {
    /// Called with the line that orders an erasure, before it is written: what this notes is there after a crash.
    let begin: @Sendable (SequenceNumber) throws(FollowError) -> Void
    /// Called with what is erased, before it is written: nobody is to be shown its contents from here on.
    var announce: @Sendable ([SequenceNumber]) -> Void = { _ in }
    /// Called once that line is committed, with the last line that is.
    let finish: @Sendable (SequenceNumber) async throws -> Void

    package init(
        begin: @escaping @Sendable (SequenceNumber) throws(FollowError) -> Void,
        announce: @escaping @Sendable ([SequenceNumber]) -> Void = { _ in },
        finish: @escaping @Sendable (SequenceNumber) async throws -> Void
    ) {
        self.begin = begin
        self.announce = announce
        self.finish = finish
    }
}
