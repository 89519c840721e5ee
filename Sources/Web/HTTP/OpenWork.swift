import Synchronization

/// The work that has to end before the event loops do: connections, and answers that tasks are making for them.
///
/// A task that comes back with its answer to an event loop that has been shut down is a defect, which SwiftNIO says on
/// standard error now, and will end the process for in a later release.
package final class OpenWork: Sendable {
    /// How often is looked whether everything has ended.
    private static let interval = Duration.milliseconds(5)

    package let connections = ConnectionGauge()
    private let answerCount = Atomic(0)

    package init() {}

    /// Runs a task that makes an answer.
    package func answer(_ body: @escaping @Sendable () async -> Void) {
        self.answerCount.wrappingAdd(1, ordering: .relaxed)
        Task {
            await body()
            self.answerCount.wrappingSubtract(1, ordering: .relaxed)
        }
    }

    package var isDone: Bool {
        self.connections.current == 0 && self.connections.arriving == 0
            && self.answerCount.load(ordering: .relaxed) == 0
    }

    /// Returns when all of it has ended, or after that time.
    package func waitUntilDone(atMost time: Duration) async {
        let end = ContinuousClock.now + time
        while !self.isDone, ContinuousClock.now < end { try? await Task.sleep(for: Self.interval) }
    }
}
