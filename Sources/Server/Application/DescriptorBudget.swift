import Web

/// How the file descriptors of the process are shared out: what the log and the runtime need comes first, sockets get the
/// rest.
///
/// A socket too many costs a stranger nothing; a descriptor too few costs the hub its log (the next segment cannot be
/// opened) or its life (libdispatch ends the process when it cannot read `/proc/self/task`).
struct DescriptorBudget: Equatable {
    /// For files: standard streams, lock, the log's segment, its hashes and indexes, a snapshot that is being written,
    /// requests that read the log (one or two files for each thread that does), a follower's connections to its primary;
    /// and for what the runtime opens for a moment, and connections that were accepted and not yet counted.
    static let filesReserve = 64 + AcceptGate.maximumArriving
    /// For each event loop: epoll, its two wake-up descriptors, and the files that its slow listeners are caught up from.
    static let eventLoopReserve = 8
    /// With fewer connections than that, there is no point in serving.
    static let leastConnections = 16

    /// Files and sockets that the process may have open.
    let limit: Int
    /// The most sockets at once.
    let connections: Int

    /// - Parameters:
    ///   - limit: Files and sockets that the process may have open.
    ///   - eventLoops: How many event loops there are.
    ///   - wanted: `max_connections`.
    /// - Throws: ``TooFewDescriptors`` if next to nothing is left for sockets.
    init(limit: Int, eventLoops: Int, wanted: Int) throws(TooFewDescriptors) {
        let reserve = Self.filesReserve + eventLoops * Self.eventLoopReserve
        guard limit - reserve >= Self.leastConnections else {
            throw TooFewDescriptors(limit: limit, least: reserve + Self.leastConnections)
        }
        self.limit = limit
        self.connections = min(wanted, limit - reserve)
    }
}

/// The system grants so few descriptors that the hub cannot serve.
struct TooFewDescriptors: Error, Equatable, CustomStringConvertible {
    let limit: Int
    let least: Int

    var description: String {
        "the system grants this process \(self.limit) open files, and at least \(self.least) are needed, besides one for"
            + " each further connection; raise the hard limit (`ulimit -Hn`, or LimitNOFILE= in a systemd unit)"
    }
}
