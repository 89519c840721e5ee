import LogValues
import SystemPackage

/// How segments end and begin, and what waits if there are no descriptors or no memory for it.
extension CommitThread {
    /// A segment without lines is not full, however small segments are to be: the next would have the same name.
    var isSegmentFull: Bool {
        self.segment.textSize >= UInt64(clamping: self.configuration.segmentSizeBytes)
            && self.encoder.start.size >= self.segment.name.base.rawValue
    }

    /// Begins the next segment, or goes on with this one while there is no descriptor for another.
    func beginSegmentIfPossible() throws(EventLogError) {
        if let time = self.nextSegmentNotBefore, time > .now { return }
        do throws(EventLogError) {
            try self.beginSegment(syncs: self.configuration.durability != .os)
            self.nextSegmentNotBefore = nil
            self.hasShortage = false
        } catch {
            guard error.leavesStepRepeatable(in: self.directory) else { throw error }
            self.note(shortage: error)
            self.nextSegmentNotBefore = .now + self.configuration.patience.retryInterval
        }
    }

    /// Ends the segment, and begins the next one.
    ///
    /// The old one is on the disk before the new one is there, so that only the last segment can ever be torn. What is in
    /// preparation becomes the first commit of the new one.
    private func beginSegment(syncs: Bool) throws(EventLogError) {
        try self.lock.check()
        try self.segment.checkPlace()
        try self.segment.endFrame()
        if syncs { try self.segment.sync() }
        self.leaves?.flush()
        self.segment.acknowledge()
        let header = SegmentHeader(
            logID: self.logID,
            base: SequenceNumber(self.encoder.start.size + 1),
            opened: UTCText.format(microseconds: self.configuration.now()),
            frontier: self.encoder.start
        )
        let next = try SegmentWriter.create(
            header,
            in: self.directory.appending(SegmentCatalog.folderName),
            width: self.encoder.lineCount > 0 ? self.shared.withLock { $0.commits.nextWidth } : .narrow,
            frameSizeBytes: self.configuration.frameSizeBytes,
            syncs: syncs,
            patience: self.configuration.patience,
            self.fileSystem
        )
        self.segment.close()
        self.segment = next
    }

    /// Ends the segment, unless it begins behind every line that is to be in a sealed one; then it is only synced.
    func seal() throws(EventLogError) {
        let (line, count) = self.shared.withLock { ($0.sealLine, $0.sealsAsked) }
        // At level `os` an earlier run may have left bytes that nobody has synced.
        try self.sync(evenIfUnchanged: true)
        let base = self.segment.name.base
        if line >= base, self.encoder.frontier.size >= base.rawValue { try self.beginSegment(syncs: true) }
        self.shared.withLock { shared in
            shared.sealsDone = count
            if shared.sealsAsked == count { shared.commits.sealed(width: self.segment.width) }
        }
        self.shared.signal()
    }

    func note() throws(EventLogError) {
        try self.sync()
        self.leaves?.flush()
        try self.lock.check()
        let frontier = self.encoder.frontier
        try SyncedNote(logID: self.logID, end: SequenceNumber(frontier.size), root: frontier.root)
            .write(in: self.directory, self.fileSystem)
    }

    // MARK: Shortages

    /// What a shortage keeps from being done now is done later, and what was asked for stays due.
    func postponingShortages(_ body: () throws(EventLogError) -> Void) throws(EventLogError) {
        do throws(EventLogError) {
            try body()
            self.hasShortage = false
        } catch {
            guard error.leavesStepRepeatable(in: self.directory) else { throw error }
            self.note(shortage: error)
            let time = ContinuousClock.now + self.configuration.patience.retryInterval
            self.shared.withLock { $0.commits.postpone(until: time) }
        }
    }

    private func note(shortage error: EventLogError) {
        if !exchange(&self.hasShortage, with: true) { self.configuration.onShortage(error) }
    }
}
