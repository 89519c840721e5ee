import LogValues
import SystemPackage
import TestSupport

@testable import EventLog

/// A disk in memory whose syncs wait until a test lets them go.
final class HeldSyncs: FileSystemLayer {
    private struct State {
        var isHolding = false
        var waiting = 0
        /// Syncs that may go on, and those of them that fail.
        var released = 0
        var failing: FileSystemError?
    }

    let disk: FaultyFileSystem
    private let state = Monitor(State())

    init(_ disk: FaultyFileSystem) {
        self.disk = disk
    }

    /// From now on every sync of a file waits.
    func hold() {
        self.state.withLock { $0.isHolding = true }
    }

    /// Returns once a sync waits.
    func waitForSync() {
        self.state.waitUntilFound { $0.waiting > 0 ? .found(()) : .wait(until: nil) }
    }

    /// Lets one sync go, which fails if an error is given.
    func release(_ error: FileSystemError? = nil) {
        self.state.withLock { state in
            state.waiting -= 1
            state.released += 1
            state.failing = error
        }
        self.state.signal()
    }

    /// From now on no sync waits, nor those that do.
    func letGo() {
        self.state.withLock { $0.isHolding = false }
        self.state.signal()
    }

    func sync(_ file: OpenFile) throws(FileSystemError) {
        self.state.withLock { if $0.isHolding { $0.waiting += 1 } }
        self.state.signal()
        let failure = self.state.waitUntilFound { state -> Monitor<State>.Look<FileSystemError?> in
            if state.isHolding, state.released == 0 { return .wait(until: nil) }
            if state.released > 0 { state.released -= 1 }
            return .found(state.failing.take())
        }
        if let failure { throw failure }
        try self.disk.sync(file)
    }
}
