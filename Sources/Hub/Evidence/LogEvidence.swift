package import Archive
package import EventLog
package import LogValues
import NIOPosix
package import Projections
import RawJSON
package import SystemPackage

/// Makes proofs from an open log, and hands out its signed checkpoints.
///
/// It owns the hashes beside the log (``HashTree``), which it brings up to date when somebody asks, and runs where it may
/// wait for a disk; publishing pays nothing for it. Only checkpoints are handed out that the log records, and
/// only after the log was synced up to their lines: so nobody can hold a checkpoint that `verify` would not find, and no
/// crash can make the node sign another history of the same size.
package actor LogEvidence {
    /// What it needs of the log and of the server.
    package struct Source: Sendable {
        package let directory: FilePath
        package let messages: any MessageLines
        package let fileSystem: any FileSystem
        /// The last line that is committed, if one is.
        package let end: @Sendable () -> SequenceNumber?
        /// Has a checkpoint of all that is committed written into the log, and returns when it is; nil where nobody writes.
        ///
        /// Says why it could not.
        package let makeCheckpoint: (@Sendable () async -> String?)?

        package init(
            directory: FilePath,
            messages: any MessageLines,
            fileSystem: any FileSystem = PosixFileSystem(),
            end: @escaping @Sendable () -> SequenceNumber?,
            makeCheckpoint: (@Sendable () async -> String?)?
        ) {
            self.directory = directory
            self.messages = messages
            self.fileSystem = fileSystem
            self.end = end
            self.makeCheckpoint = makeCheckpoint
        }
    }

    /// Checkpoints that are remembered: those whose lines may not be committed yet, and the newest one before.
    private static let memory = 16
    /// Checkpoints that one proof asks for: the first one may have been made just before the line was applied.
    private static let attempts = 3

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Whoever asks holds the actor, which holds its executor.
        unsafe self.executor.asUnownedSerialExecutor()
    }

    private nonisolated let executor = BlockingExecutor()
    private let source: Source
    private let reader: LogReader
    private var tree: HashTree?
    /// In the order of the log; the newest are among them.
    private var recorded: [RecordedCheckpoint] = []
    /// The log was synced up to here, by this.
    private var synced: SequenceNumber?
    /// A checkpoint that is being written for somebody who waits.
    private var making: Task<String?, Never>?

    package init(_ source: Source) {
        self.source = source
        self.reader = LogReader(source.directory, fileSystem: source.fileSystem)
    }

    // MARK: Checkpoints

    /// The newest checkpoint that the log records.
    package func newestCheckpoint() throws(EvidenceError) -> RecordedCheckpoint {
        _ = try self.currentTree()
        guard let newest = try self.newest(through: self.end()) else { throw .noCheckpoint }
        try self.sync(upTo: newest.line)
        return newest
    }

    /// A checkpoint that covers a line; if there is none, one is made.
    private func checkpoint(covering line: SequenceNumber) async throws(EvidenceError) -> RecordedCheckpoint {
        for _ in 0..<Self.attempts {
            _ = try self.currentTree()
            if let newest = try self.newest(through: self.end()), newest.size >= line.rawValue {
                try self.sync(upTo: newest.line)
                return newest
            }
            guard let makeCheckpoint = self.source.makeCheckpoint else { break }
            // One for all who wait. After the wait everything is looked at again.
            let making = self.making ?? Task { await makeCheckpoint() }
            self.making = making
            let trouble = await making.value
            self.making = nil
            if let trouble { throw .unavailable(reason: trouble) }
        }
        throw .notCovered(line)
    }

    /// The checkpoint of one size; nil if the log does not record one, or has dropped it.
    private func checkpoint(ofSize size: UInt64) throws(EvidenceError) -> RecordedCheckpoint? {
        let end = try self.end()
        if let known = self.recorded.last(where: { $0.size == size && $0.line <= end }) {
            try self.sync(upTo: known.line)
            return known
        }
        do {
            let reader = self.reader
            guard let found = try RecordedCheckpoint.find(size: size, through: end, in: reader) else { return nil }
            try self.sync(upTo: found.line)
            return found
        } catch let error as EvidenceError {
            throw error
        } catch EventLogError.missingLine {
            return nil
        } catch {
            throw .caused(by: error)
        }
    }

    private func newest(through end: SequenceNumber) throws(EvidenceError) -> RecordedCheckpoint? {
        if let known = self.recorded.last(where: { $0.line <= end }) { return known }
        do {
            let catalog = try SegmentCatalog(self.source.directory, fileSystem: self.source.fileSystem)
            guard let found = try RecordedCheckpoint.findLast(through: end, in: self.reader, catalog) else {
                return nil
            }
            self.recorded.insert(found, at: 0)
            return found
        } catch {
            throw .caused(by: error)
        }
    }

    private func remember(_ checkpoint: RecordedCheckpoint) {
        // Lines may be read again, from a segment's beginning.
        guard self.recorded.last.map({ $0.line < checkpoint.line }) ?? true else { return }
        self.recorded.append(checkpoint)
        // The newest committed one must stay; what is committed lags behind what is written by a commit at most.
        if self.recorded.count > Self.memory { self.recorded.removeFirst() }
    }

    /// Brings the log to the disk up to a line, whatever `durability` is: what others hold must not be lost by a crash.
    private func sync(upTo line: SequenceNumber) throws(EvidenceError) {
        if let synced, synced >= line { return }
        let fileSystem = self.source.fileSystem
        do {
            let catalog = try SegmentCatalog(self.source.directory, fileSystem: fileSystem)
            let first = self.synced.flatMap { catalog.index(holding: $0) } ?? 0
            for segment in catalog.segments.dropFirst(first) where segment.base <= line {
                let file = try fileSystem.open(catalog.path(of: segment), .read)
                defer { fileSystem.close(file) }
                try fileSystem.sync(file)
            }
            try fileSystem.syncDirectory(catalog.folder)
        } catch {
            throw .caused(by: error)
        }
        self.synced = line
    }

    // MARK: Proofs

    /// Proves that the log holds a line.
    ///
    /// - Parameters:
    ///   - line: The line.
    ///   - size: The tree's size; nil: that of the newest checkpoint, or of one that is made if none covers the line yet.
    /// - Returns: A proof that was verified; with the checkpoint of that size, if the log records one.
    /// - Throws: ``EvidenceError``.
    package func inclusion(
        of line: SequenceNumber,
        inFirst size: UInt64? = nil
    ) async throws(EvidenceError) -> InclusionEvidence {
        if let size, line.rawValue > size { throw .lineBeyondSize(line, size: size) }
        let end = try self.end()
        if let size, size > end.rawValue { throw .noSize(size, end: end.rawValue) }
        guard line <= end else { throw .noLine(line, end: end.rawValue) }
        let checkpoint: RecordedCheckpoint?
        if let size {
            checkpoint = try self.checkpoint(ofSize: size)
        } else {
            checkpoint = try await self.checkpoint(covering: line)
        }
        let size = size ?? checkpoint?.size ?? end.rawValue
        return try self.proving { tree throws(CheckpointError) in
            let known = try tree.root(ofFirst: size)
            let root = checkpoint?.root ?? known
            let hashes = try tree.inclusionProof(of: line, inFirst: size, root: root)
            return InclusionEvidence(line: line, size: size, root: root, hashes: hashes, note: checkpoint?.note)
        }
    }

    /// Proves that the log of one size begins with the log of another.
    ///
    /// - Parameters:
    ///   - old: The smaller size.
    ///   - new: The larger one; nil: that of the newest checkpoint.
    /// - Returns: A proof that was verified; with the checkpoint of the larger size, if the log records one.
    /// - Throws: ``EvidenceError``.
    package func consistency(
        from old: UInt64,
        to new: UInt64? = nil
    ) async throws(EvidenceError) -> ConsistencyEvidence {
        if let new, old > new { throw .sizesTurnedAround(from: old, to: new) }
        let end = try self.end()
        let largest = new ?? old
        guard largest <= end.rawValue else { throw .noSize(largest, end: end.rawValue) }
        let checkpoint: RecordedCheckpoint?
        if let new {
            checkpoint = try self.checkpoint(ofSize: new)
        } else if old > 0 {
            checkpoint = try await self.checkpoint(covering: SequenceNumber(old))
        } else {
            checkpoint = try self.newestCheckpoint()
        }
        let new = new ?? checkpoint?.size ?? end.rawValue
        return try self.proving { tree throws(CheckpointError) in
            let newRoot = try tree.root(ofFirst: new)
            guard newRoot == checkpoint?.root ?? newRoot else { throw .damagedHashes(size: new) }
            return ConsistencyEvidence(
                oldSize: old,
                oldRoot: old == 0 ? .ofNothing : try tree.root(ofFirst: old),
                newSize: new,
                newRoot: newRoot,
                hashes: try tree.consistencyProof(from: old, to: new),
                note: checkpoint?.note
            )
        }
    }

    /// The receipt for one of a message's lines.
    package func receipt(
        ofMessage uuid: UUID128,
        _ selector: MessageEventSelector
    ) async throws(EvidenceError) -> MessageReceipt {
        let end = try self.end()
        let messages = self.source.messages
        let line = try await Self.elsewhere { () throws(EvidenceError) in
            try Self.line(ofMessage: uuid, selector, through: end, messages)
        }
        let proof = try await self.inclusion(of: line.sequenceNumber)
        return MessageReceipt(uuid: uuid, line: line, proof: proof)
    }

    /// The line of a message that is meant.
    ///
    /// Of all the others only the kind is kept: a message may have any number of edits.
    private static func line(
        ofMessage uuid: UUID128,
        _ selector: MessageEventSelector,
        through end: SequenceNumber,
        _ messages: any MessageLines
    ) throws(EvidenceError) -> MessageReceipt.Line {
        do {
            var decoder = EventDecoder()
            let lines = try messages.read(linesOfMessage: uuid, through: end) { number, bytes in
                (number: number, kind: MessageEventSelector.Kind(try decoder.decode(bytes).event.payload))
            }
            guard !lines.isEmpty else { throw EvidenceError.unknownMessage(uuid) }
            guard let index = selector.index(in: lines.map(\.kind)) else {
                throw EvidenceError.noSuchEvent(selector, uuid)
            }
            let (number, kind) = lines[index]
            return try messages.read(line: number) { bytes in
                let content = try decoder.decode(bytes).event.content
                return MessageReceipt.Line(
                    sequenceNumber: number,
                    kind: kind,
                    bytes: Array(bytes),
                    isErased: content.map { $0.plain == nil } ?? false
                )
            }
        } catch let error as EvidenceError {
            throw error
        } catch EventLogError.missingLine(let line, _) {
            throw .lineDropped(line)
        } catch IndexError.building(let done, let count) {
            throw .unavailable(reason: "The log is being indexed (\(done) of \(count) segments); try again.")
        } catch {
            throw .caused(by: error)
        }
    }

    /// Runs on another thread what may take long: everybody else who wants evidence waits for this actor.
    private static func elsewhere<R: Sendable>(
        _ body: @escaping @Sendable () throws(EvidenceError) -> R
    ) async throws(EvidenceError) -> R {
        do {
            return try await NIOThreadPool.singleton.runIfActive { try body() }
        } catch let error as EvidenceError {
            throw error
        } catch {
            throw .unavailable(reason: "The server is stopping.")
        }
    }

    /// Runs `body` with the hashes; once more, after they were taken from the log again, if they turn out to be damaged.
    private func proving<Proof>(
        _ body: (HashTree) throws(CheckpointError) -> Proof
    ) throws(EvidenceError) -> Proof {
        let tree = try self.currentTree()
        do {
            do {
                return try body(tree)
            } catch .damagedHashes {
                try tree.rebuild(through: self.source.end() ?? .start)
                return try body(tree)
            }
        } catch .unknownLine, .unknownSize {
            // Whatever is beyond the log was refused before.
            throw .dropped(first: tree.firstLine)
        } catch {
            throw .caused(by: error)
        }
    }

    /// The hashes, as far as the log is written.
    private func currentTree() throws(EvidenceError) -> HashTree {
        do {
            let tree = try self.takeTree()
            try tree.catchUp(through: self.source.end() ?? .start) { line in
                if let checkpoint = RecordedCheckpoint(line) { self.remember(checkpoint) }
            }
            self.tree = tree
            return tree
        } catch {
            throw .caused(by: error)
        }
    }

    /// Taken out until it is whole again: one that fails half-way must be opened anew.
    private func takeTree() throws(CheckpointError) -> HashTree {
        if let tree = exchange(&self.tree, with: nil) { return tree }
        return try HashTree(in: self.source.directory, .readAndWrite, fileSystem: self.source.fileSystem)
    }

    private func end() throws(EvidenceError) -> SequenceNumber {
        guard let end = self.source.end() else { throw .noCheckpoint }
        return end
    }
}
