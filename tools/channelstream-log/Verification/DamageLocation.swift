import EventLog
import LogValues
import SystemPackage

/// Says where in a log the damage begins that was noticed somewhere.
///
/// Blocks of a frame build on each other, so one that is out of place may spoil lines without a number being wrong, and be
/// noticed at the frame's end only, or some blocks later. What tells the place: the order of blocks that has the frame's
/// checksum (``MisplacedBlock``), or the first line that has another hash than was recorded beside the log. If neither does,
/// the place where it was noticed is all there is to say.
struct DamageLocation {
    let directory: FilePath
    let leaves: LeafCheck
    /// The last line that was read.
    let end: UInt64
    /// Roots that were kept elsewhere than in the segments.
    let checkpoints: [KeptCheckpoint]

    /// The finding for damage that stopped the reading.
    ///
    /// - Returns: Nil if there is no more to say than the error does.
    /// - Throws: ``EventLogError/fileSystem(_:)``.
    func finding(_ error: EventLogError) throws -> Finding? {
        guard case .damaged(let file, let offset, let damage) = error, let segment = SegmentName(fileName: file) else {
            return nil
        }
        return try self.finding("\(damage)", in: segment, at: offset)
            ?? (damage == .contentChecksum ? self.finding(checksumAt: offset, in: segment) : nil)
    }

    /// The finding for what was noticed at a place.
    ///
    /// - Returns: Nil if there is no more to say than that.
    /// - Throws: ``EventLogError/fileSystem(_:)``.
    func finding(_ trouble: String, in segment: SegmentName, at offset: UInt64) throws -> Finding? {
        let first = self.leaves.frame?.segment == segment ? self.leaves.frame : nil
        if let block = try self.misplacedBlock(in: segment, at: offset, first) {
            return Finding(
                .damage,
                segment: segment.fileName,
                offset: block.offset,
                lines: block.line.rawValue...max(block.line.rawValue, self.end),
                "damaged: \(block) (noticed at offset \(offset): \(trouble))"
            )
        }
        guard let mismatch = self.leaves.inFrame, mismatch.place.segment == segment else { return nil }
        return Finding(
            .damage,
            at: mismatch.place,
            through: self.end,
            "damaged: the first of these lines has another hash than was recorded beside the log"
                + "\(self.warrant(for: mismatch)) (noticed at offset \(offset): \(trouble))"
        )
    }

    /// The finding for a frame whose checksum is not that of its lines, where nothing tells which of them is wrong.
    private func finding(checksumAt offset: UInt64, in segment: SegmentName) -> Finding? {
        let damage = Damage.contentChecksum
        guard let first = self.leaves.frame, first.segment == segment, first.firstLine.rawValue <= self.end else {
            return nil
        }
        let isTold = (first.firstLine.rawValue...self.end).allSatisfy { self.leaves.hasLeaf(of: SequenceNumber($0)) }
        return Finding(
            .damage,
            segment: segment.fileName,
            offset: offset,
            lines: isTold ? self.end...self.end : first.firstLine.rawValue...self.end,
            isTold
                ? "damaged: \(damage), though every line of it has the hash that was recorded: what is behind them is damaged"
                : "damaged: \(damage); which block of it, from offset \(first.offset) on, is not told: no hashes of these "
                    + "lines were recorded beside the log"
        )
    }

    /// The finding for a line that has another hash than was recorded, while no checksum and no root objects to it.
    ///
    /// - Parameters:
    ///   - mismatch: The first such line.
    ///   - isInOpenFrame: Whether its frame has no checksum yet.
    /// - Returns: Damage, if putting a block in its place gives the line that hash.
    func finding(unexplained mismatch: LeafCheck.Mismatch, isInOpenFrame: Bool) -> Finding {
        if isInOpenFrame, let block = self.misplacedBlock(before: mismatch) {
            return Finding(
                .damage,
                segment: mismatch.place.segment.fileName,
                offset: block.offset,
                lines: mismatch.line...mismatch.line,
                "damaged: \(block); put right, the line has the hash that was recorded beside the log"
            )
        }
        return Finding(
            .hashes,
            at: mismatch.place,
            "has another hash than was recorded beside the log, and no root behind it tells which of the two is wrong: if it is "
                + "the line, a copy has another one (`diff`). Keep the folder `hashes` until that is known: it may be all that "
                + "tells of the change"
        )
    }

    /// The finding for a block that stands twice in a row in the open frame at the log's end.
    func doubledBlock() throws -> Finding? {
        guard let frame = self.leaves.frame,
            let block = try MisplacedBlock.doubled(
                in: try SegmentCatalog(self.directory).path(of: frame.segment),
                from: frame.offset,
                firstLine: frame.firstLine
            )
        else { return nil }
        return Finding(
            .damage,
            segment: frame.segment.fileName,
            offset: block.offset,
            lines: block.line.rawValue...max(block.line.rawValue, self.end),
            "damaged: \(block): the one before it has the same bytes"
        )
    }

    /// The finding for hashes that differ from those of lines which a root in the log agrees with.
    ///
    /// - Parameters:
    ///   - refuted: The first of them, and how many there are.
    ///   - isSigned: Whether a signature by a known key covers the line. Without one the roots in the log are worth no more
    ///     than its lines: who has written one anew can write the others, and the hashes may be what he forgot.
    /// - Returns: What is to be said.
    static func finding(refuted: (first: LeafCheck.Mismatch, count: Int), isSigned: Bool) -> Finding {
        let line = refuted.first.line
        let more = refuted.count > 1 ? " and of others (\(refuted.count) in all)" : ""
        return Finding(
            .hashes,
            segment: "\(HashTree.folderName)/0",
            offset: (line - 1) * UInt64(Hash256.byteCount),
            lines: line...line,
            isSigned
                ? "the hash of the line\(more) is wrong, and the line is right, as a signature behind it says: the log is intact; "
                    + "remove the folder `hashes`, which is made anew"
                : "the hash that was recorded for the line\(more) is another. A root behind it agrees with the line, but no "
                    + "signature that was checked covers it: who changes a line can write such roots too. Compare with a copy "
                    + "(`diff`), or give the key (--key), and keep the folder `hashes` until then: it may be all that tells of "
                    + "the change"
        )
    }

    /// Whether the recorded hashes have a root that stands elsewhere.
    func hashesGive(_ root: KeptCheckpoint) -> Bool {
        guard let tree = try? HashTree(in: self.directory, .read) else { return false }
        return (try? tree.root(ofFirst: root.size)) == root.root
    }

    // MARK: Parts

    private func misplacedBlock(
        in segment: SegmentName,
        at offset: UInt64,
        _ first: LeafCheck.Frame?
    ) throws -> MisplacedBlock? {
        let next = SequenceNumber(self.end + 1)
        return try MisplacedBlock.search(
            in: try SegmentCatalog(self.directory).path(of: segment),
            at: offset,
            from: first?.offset ?? 0,
            firstLine: { frame in first.flatMap { $0.offset == frame ? $0.firstLine : nil } ?? next }
        )
    }

    private func misplacedBlock(before mismatch: LeafCheck.Mismatch) -> MisplacedBlock? {
        guard let frame = self.leaves.frame, let catalog = try? SegmentCatalog(self.directory) else { return nil }
        return try? MisplacedBlock.search(
            in: catalog.path(of: mismatch.place.segment),
            at: mismatch.place.blockOffset,
            from: mismatch.place.frameOffset,
            firstLine: { _ in frame.firstLine },
            .leaf(mismatch.recorded, of: mismatch.place.sequenceNumber, blockOffset: mismatch.place.blockOffset)
        )
    }

    /// What vouches for a recorded hash: the first root behind it that the recorded hashes have.
    private func warrant(for mismatch: LeafCheck.Mismatch) -> String {
        var roots = self.checkpoints.filter { $0.size >= mismatch.line }
        let segments = (try? SegmentCatalog(self.directory).segments) ?? []
        for segment in segments where segment.base > mismatch.place.sequenceNumber {
            guard let header = try? LogReader(self.directory).header(of: segment) else { continue }
            roots.append(
                KeptCheckpoint(name: segment.fileName, size: header.frontier.size, root: header.frontier.root)
            )
            break
        }
        guard let root = roots.first(where: { self.hashesGive($0) }) else { return "" }
        return " (rightly, as the root in \(root.name) proves)"
    }
}
