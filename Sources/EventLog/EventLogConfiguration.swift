/// The settings of an ``EventLog``; every one has a default.
package struct EventLogConfiguration: Sendable {
    /// Decoded bytes after which a segment is ended and the next one begun.
    ///
    /// The commit that crosses the mark still goes in whole, so a segment may be larger by one commit.
    package var segmentSizeBytes: Int = 64 << 20
    /// Decoded bytes after which a frame is ended and the next one begun, within a segment.
    ///
    /// A line is found by decoding its frame from the start, so this bounds what reading one line costs. Blocks of a
    /// new frame have nothing to refer back to, so small frames compress worse: see
    /// `docs/decisions/0015-frames-of-bounded-size.md` for the figures.
    package var frameSizeBytes: Int = 256 << 10
    package var durability: Durability = .always
    /// Most decoded bytes that one commit gathers.
    ///
    /// One block by default: then at most one block is ever unsynced, and after a power failure a torn commit cannot
    /// be taken for damage (nothing intact can follow the torn block). A single batch above it is written whole.
    package var commitSizeBytes: Int = FrameWidth.narrow.blockSizeBytes
    /// Most decoded bytes of a commit under pressure: at level `always`, when more was waiting for the last commit than fits
    /// `commitSizeBytes`, so that a slow sync is shared by more lines.
    package var pressedCommitSizeBytes: Int = FrameWidth.wide.blockSizeBytes
    /// Whether the leaf hash of each line is written beside the log (`hashes/0`), so that `verify` can say which line is
    /// wrong where a checksum says that one is.
    package var leafRecording = LeafRecording.never
    /// The lock of the directory, if the caller has it, who keeps it longer than the log is open; nil: the log takes it,
    /// and lets go of it when it is closed.
    package var lock: LogLock?
    /// Wall clock time in microseconds since 1970, for the `opened` member of segment headers; nothing depends on it.
    package var now: @Sendable () -> Int64 = PosixClock.microsecondsSince1970
    /// How descriptors or memory are waited for that ran out.
    package var patience = ShortagePatience()
    /// Told when something has to wait for descriptors or memory, once until there are some again; called on the log's
    /// thread, which it should not hold up.
    package var onShortage: @Sendable (EventLogError) -> Void = { _ in }
    /// The tree of all lines before the first one of a new log: a copy of a log whose beginning was dropped begins where
    /// the original does.
    package var beginning = Frontier()
    /// Whether what stands beside the log may tell of lines that have not come yet: a copy that is being begun has its
    /// snapshot before its lines.
    package var isBeginning = false
    /// 128 random bits for the id of a new log.
    package var makeLogID: @Sendable () -> (UInt64, UInt64) = {
        var generator = SystemRandomNumberGenerator()
        return (generator.next(), generator.next())
    }

    /// When leaf hashes are recorded.
    package enum LeafRecording: Sendable {
        /// Those that are there may become those of other lines.
        case never
        /// If the folder `hashes` is there: for programs that append to a log in passing.
        case ifThere
        /// The folder is made.
        case always
    }

    package init() {}

    /// The same for a directory whose lock is held.
    ///
    /// - Parameters:
    ///   - lock: The lock.
    ///   - newLogID: The id of the log if there is none yet, in hexadecimal digits; nil: a new one.
    /// - Returns: Settings for ``EventLog/open(_:configuration:fileSystem:onProgress:)``.
    package func opening(with lock: LogLock, newLogID: String?) -> EventLogConfiguration {
        var copy = self
        copy.lock = lock
        if let newLogID, newLogID.utf8.count == 32, let high = UInt64(newLogID.prefix(16), radix: 16),
            let low = UInt64(newLogID.suffix(16), radix: 16)
        {
            copy.makeLogID = { (high, low) }
        }
        return copy
    }

    /// The defaults, but with another way of recording leaf hashes.
    package init(leafRecording: LeafRecording) {
        self.leafRecording = leafRecording
    }
}
