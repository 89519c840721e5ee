import NIOCore
import NIOPosix
import Projections
import Synchronization

/// The uploads of followers whose parts are coming in.
///
/// The mutex guards what has come, for as long as a part is added.
final class ProposalUploads: Sendable {
    private struct State {
        var uploads = UnfinishedUploads()
        /// Whether somebody will look at what is not finished.
        var isSweepScheduled = false
    }

    private let state = Mutex(State())

    func add(_ part: ByteBuffer, of node: NodeName, at offset: Int, size: Int) -> UnfinishedUploads.Outcome {
        self.state.withLock { state in
            let outcome = state.uploads.add(part, of: node, at: offset, size: size, now: .now())
            if !state.uploads.isEmpty, !state.isSweepScheduled {
                state.isSweepScheduled = true
                self.scheduleSweep(at: .now() + UnfinishedUploads.patience)
            }
            return outcome
        }
    }

    /// Frees what is not finished also if nobody ever calls again.
    private func scheduleSweep(at deadline: NIODeadline) {
        _ = MultiThreadedEventLoopGroup.singleton.any().scheduleTask(deadline: deadline) {
            self.state.withLock { state in
                guard let next = state.uploads.expire(now: .now()) else {
                    state.isSweepScheduled = false
                    return
                }
                self.scheduleSweep(at: next)
            }
        }
    }
}
