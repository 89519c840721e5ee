import Synchronization

/// Requests on their way to the hub, so that one hop brings many.
///
/// Any thread appends; the hub takes all at once. The mutex is held for an append or a swap.
final class Mailbox: Sendable {
    struct Letter: Sendable {
        let request: HubRequest
        let reply: @Sendable (Reply) -> Void
    }

    enum Delivery {
        /// The caller must wake the hub.
        case wakeHub
        /// The hub will be awake anyway.
        case queued
        /// More letters wait than the limit allows.
        case full
    }

    private struct Box {
        var letters: [Letter] = []
        var isHubAwake = false
    }

    /// Letters that may wait; beyond it the hub is overloaded and says so.
    let capacity: Int
    private let box = Mutex(Box())

    init(capacity: Int) {
        self.capacity = capacity
    }

    func put(_ letter: Letter) -> Delivery {
        self.box.withLock { box in
            guard box.letters.count < self.capacity else { return .full }
            box.letters.append(letter)
            guard !box.isHubAwake else { return .queued }
            box.isHubAwake = true
            return .wakeHub
        }
    }

    /// Takes all letters; the storage of `letters`, which must be empty, is used for those that come next.
    func takeAll(into letters: inout [Letter]) {
        self.box.withLock { box in
            box.isHubAwake = false
            swap(&letters, &box.letters)
        }
    }
}
