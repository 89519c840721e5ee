package import Archive
package import EventLog
package import LogValues
import NIOPosix
package import Projections
import RawJSON
package import SystemPackage

/// Makes proofs from an open log (``LogProver``), and hands out its signed checkpoints.
///
/// It brings the hashes beside the log up to date when somebody asks, and runs where it may wait for a disk; publishing
/// pays nothing for it. Only checkpoints are handed out that the log records, and
/// only after the log was synced up to their lines: so nobody can hold a checkpoint that `verify` would not find, and no
/// crash can make the node sign another history of the same size.
package actor LogEvidence {
    /// The log and the server, as far as it needs them.
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

    /// Checkpoints that one proof asks for: the first one may have been made just before the line was applied.
    private static let attempts = 3

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Whoever asks holds the actor, which holds its executor.
        unsafe self.executor.asUnownedSerialExecutor()
    }

    private nonisolated let executor = BlockingExecutor()
    private let source: Source
    private var prover: LogProver
    /// The log was synced up to here, by this.
    private var synced: SequenceNumber?
    /// A checkpoint that is being written for somebody who waits.
    private var making: Task<String?, Never>?

    package init(_ source: Source) {
        self.source = source
        self.prover = LogProver(LogReader(source.directory, fileSystem: source.fileSystem), .readAndWrite)
    }

    // MARK: Checkpoints

    /// The newest checkpoint that the log records.
    package func newestCheckpoint() throws(EvidenceError) -> SignedCheckpoint {
        guard let newest = try self.newest() else { throw .noCheckpoint }
        try self.sync(upTo: newest.line)
        return newest
    }

    /// A checkpoint that covers a line; if there is none, one is made.
    private func checkpoint(covering line: SequenceNumber) async throws(EvidenceError) -> SignedCheckpoint {
        for _ in 0..<Self.attempts {
            if let newest = try self.newest(), newest.size >= line.rawValue {
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
    private func checkpoint(ofSize size: UInt64) throws(EvidenceError) -> SignedCheckpoint? {
        let end = try self.end()
        let found: SignedCheckpoint?
        do {
            found = try self.prover.checkpoint(ofSize: size, through: end)
        } catch {
            throw .caused(by: error)
        }
        if let found { try self.sync(upTo: found.line) }
        return found
    }

    private func newest() throws(EvidenceError) -> SignedCheckpoint? {
        let end = try self.end()
        do {
            try self.prover.catchUp(through: end)
            return try self.prover.newestCheckpoint(through: end)
        } catch {
            throw .caused(by: error)
        }
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
        let checkpoint: SignedCheckpoint?
        if let size {
            checkpoint = try self.checkpoint(ofSize: size)
        } else {
            checkpoint = try await self.checkpoint(covering: line)
        }
        let size = size ?? checkpoint?.size ?? end.rawValue
        return try self.proving { (prover, end) throws(CheckpointError) in
            try prover.inclusion(of: line, inFirst: size, leadingTo: checkpoint, through: end)
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
        let checkpoint: SignedCheckpoint?
        if let new {
            checkpoint = try self.checkpoint(ofSize: new)
        } else if old > 0 {
            checkpoint = try await self.checkpoint(covering: SequenceNumber(old))
        } else {
            checkpoint = try self.newestCheckpoint()
        }
        let new = new ?? checkpoint?.size ?? end.rawValue
        return try self.proving { (prover, end) throws(CheckpointError) in
            try prover.consistency(from: old, to: new, leadingTo: checkpoint, through: end)
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
            try messages.line(ofMessage: uuid, selector, through: end)
        }
        let proof = try await self.inclusion(of: line.sequenceNumber)
        return MessageReceipt(uuid: uuid, line: line, proof: proof)
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

    private func proving<Proof>(
        _ prove: (inout LogProver, SequenceNumber) throws(CheckpointError) -> Proof
    ) throws(EvidenceError) -> Proof {
        let end = try self.end()
        do throws(CheckpointError) {
            return try prove(&self.prover, end)
        } catch .unknownLine, .unknownSize {
            // Whatever is beyond the log was refused before.
            throw .dropped(first: self.prover.firstLine)
        } catch {
            throw .caused(by: error)
        }
    }

    private func end() throws(EvidenceError) -> SequenceNumber {
        guard let end = self.source.end() else { throw .noCheckpoint }
        return end
    }
}
