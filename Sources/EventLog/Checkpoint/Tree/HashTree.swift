package import LogValues
package import SystemPackage

/// The hashes of a log's Merkle tree in the folder `hashes` beside the log, from which roots and proofs of any size are made
/// without decompressing a segment.
///
///     hashes/0        the leaf hashes, 32 bytes each, in order
///     hashes/1        the roots of every 256 leaves: of each full run of 256 hashes in `0`
///     hashes/2        the same of `1`; and so on
///     hashes/start    where the hashes begin, if not at the first line: a size and the frontier there
///
/// Bytes `N * 8192` to `(N + 1) * 8192` of file `L` are the full tile `tile/<L>/<N>` of C2SP tlog-tiles. For each
/// of its hashes a proof reads at most 4 KiB of one level, whatever the size of the tree.
///
/// It is a cache of a log that is there from line 1: remove the folder and nothing is lost but the time to read the log
/// again. Of lines that retention dropped it is all there is, so it is synced before they go, and otherwise never: it may
/// hold anything after a power failure. Nothing is handed out unchecked: ``catchUp()`` compares with the
/// roots in the log, and each proof is verified before it is returned.
///
/// One owner, one thread at a time. A second process may open the same folder for reading.
package final class HashTree {
    package static let folderName = "hashes"
    /// A level's hash stands for so many of the level below, as a power of two.
    static let tileHeight = 8
    /// Levels of a tree with 2^63 leaves.
    private static let levelLimit = 8

    let directory: FilePath
    let fileSystem: any FileSystem
    let isWritable: Bool
    private var levels: [HashLevel] = []

    /// The tree at the first line whose hash is kept: empty, unless the segments before were dropped and the hashes lost.
    private(set) var start = Frontier()
    /// Lines whose hashes are there, counted from the log's first.
    package private(set) var size: UInt64 = 0
    /// The roots of the perfect subtrees of all of them.
    private var roots: [Hash256] = []
    /// How far the log was read, so that the next ``catchUp()`` goes on there.
    var cursor: LogCursor?

    package enum Access: Sendable {
        /// The right of the process that holds the log's lock. What is missing is written.
        case readAndWrite
        /// What is missing is kept in memory, 32 bytes a line.
        case read
    }

    /// Opens what there is; nothing of it has been compared with the log.
    ///
    /// - Parameters:
    ///   - directory: The data directory.
    ///   - access: Whether the files may be changed.
    ///   - fileSystem: Where the files are.
    /// - Throws: ``CheckpointError/log(_:)``.
    package init(
        in directory: FilePath,
        _ access: Access,
        fileSystem: any FileSystem = PosixFileSystem()
    ) throws(CheckpointError) {
        self.directory = directory
        self.isWritable = access == .readAndWrite
        self.fileSystem = fileSystem
        if self.isWritable {
            let folder = self.folder
            _ = try Self.withErrors { () throws(FileSystemError) in try fileSystem.createDirectory(folder) }
        }
        for level in 0..<Self.levelLimit { try self.openLevel(level) }
        self.start = try self.readStart()
        try self.completeLevels()
        let frontier = try self.frontier(at: self.levels[0].count)
        self.size = frontier.size
        self.roots = frontier.hashes
    }

    /// The first line whose inclusion can be proved; ``size`` says the last.
    package var firstLine: SequenceNumber { SequenceNumber(self.start.size + 1) }

    private var folder: FilePath { self.directory.appending(Self.folderName) }

    // MARK: Appending

    /// Appends the leaf hash of the next line; fewer than two hashes on average.
    ///
    /// - Throws: ``CheckpointError/log(_:)`` if the disk fails; the tree must then be opened anew.
    package func append(leaf: Hash256) throws(CheckpointError) {
        try self.append(leaf, toLevel: 0)
        var hash = leaf
        var height = 0
        // Joins the perfect subtrees that this leaf completes, and keeps every eighth level.
        while self.size >> UInt64(height) & 1 == 1, let left = self.roots.popLast() {
            hash = .node(left, hash)
            height += 1
            if height % Self.tileHeight == 0 { try self.append(hash, toLevel: height / Self.tileHeight) }
        }
        self.roots.append(hash)
        self.size += 1
    }

    /// Writes what is in memory only; the upper levels first, so that a crash leaves them too long rather than too short.
    package func flush() throws(CheckpointError) {
        for level in self.levels.reversed() {
            try Self.withErrors { () throws(FileSystemError) in try level.flush() }
        }
    }

    /// Writes everything, and returns when the disk has it: before lines go, of which nothing else is left then.
    package func sync() throws(CheckpointError) {
        try self.flush()
        for level in self.levels {
            try Self.withErrors { () throws(FileSystemError) in try level.sync() }
        }
        let folder = self.folder
        let fileSystem = self.fileSystem
        try Self.withErrors { () throws(FileSystemError) in try fileSystem.syncDirectory(folder) }
    }

    private func append(_ hash: Hash256, toLevel level: Int) throws(CheckpointError) {
        guard level < self.levels.count else { return }
        let file = self.levels[level]
        try Self.withErrors { () throws(FileSystemError) in try file.append(hash) }
    }

    // MARK: Forgetting

    /// Forgets everything, and begins again at a place in the log.
    ///
    /// - Parameter start: The tree of all lines before those whose hashes come next.
    /// - Throws: ``CheckpointError/log(_:)``.
    package func removeAll(startingAt start: Frontier = Frontier()) throws(CheckpointError) {
        for (level, file) in self.levels.enumerated() {
            try Self.withErrors { () throws(FileSystemError) in
                try file.removeAll(upTo: start.size >> UInt64(level * Self.tileHeight))
            }
        }
        self.start = start
        self.size = start.size
        self.roots = start.hashes
        if self.isWritable { try self.writeStart() }
    }

    /// Forgets the hashes of all lines behind the first `size`.
    func cut(to size: UInt64) throws(CheckpointError) {
        let frontier = try self.frontier(at: size)
        for (level, file) in self.levels.enumerated() {
            try Self.withErrors { () throws(FileSystemError) in
                try file.cut(to: size >> UInt64(level * Self.tileHeight))
            }
        }
        self.size = size
        self.roots = frontier.hashes
    }

    // MARK: Roots and proofs

    /// The root of the tree of the first `size` lines.
    ///
    /// - Throws: ``CheckpointError/unknownSize(_:known:)``; ``CheckpointError/damagedHashes(size:)`` if a file is too short.
    ///   A wrong hash is not noticed here: compare the root with one that is known.
    package func root(ofFirst size: UInt64) throws(CheckpointError) -> Hash256 {
        try self.frontier(at: size).root
    }

    /// Proves that a line is in the tree of the first `size` lines.
    ///
    /// - Parameters:
    ///   - line: The line.
    ///   - size: A size of the tree.
    ///   - root: The root that the tree has at that size, as a checkpoint says; nil: what the hashes give.
    /// - Returns: The hashes from the leaf upwards, of a proof that was verified.
    /// - Throws: ``CheckpointError/unknownSize(_:known:)``, ``CheckpointError/unknownLine(_:)``;
    ///   ``CheckpointError/damagedHashes(size:)`` if the proof would not have been right: rebuild then.
    package func inclusionProof(
        of line: SequenceNumber,
        inFirst size: UInt64,
        root: Hash256? = nil
    ) throws(CheckpointError) -> [Hash256] {
        guard line.rawValue > self.start.size, line.rawValue <= size else { throw .unknownLine(line) }
        let index = line.rawValue - 1
        let known = try self.root(ofFirst: size)
        var proof: [Hash256] = []
        for range in ProofPath.inclusion(of: index, in: size) { proof.append(try self.root(of: range)) }
        let leaf = try self.root(of: PerfectSubtree(height: 0, index: index))
        guard
            MerkleProof.verifyInclusion(of: leaf, at: index, size: size, root: root ?? known, proof: proof)
        else { throw .damagedHashes(size: size) }
        return proof
    }

    /// Proves that the tree of the first `old` lines is a beginning of the tree of the first `new`.
    ///
    /// - Throws: ``CheckpointError/unknownSize(_:known:)``; ``CheckpointError/damagedHashes(size:)`` if the proof would not
    ///   have been right: rebuild then.
    package func consistencyProof(from old: UInt64, to new: UInt64) throws(CheckpointError) -> [Hash256] {
        guard old <= new else { throw .unknownSize(old, known: min(self.start.size, new)...new) }
        let newRoot = try self.root(ofFirst: new)
        let oldRoot = old == 0 ? Hash256.ofNothing : try self.root(ofFirst: old)
        var proof: [Hash256] = []
        if old < new {
            for range in ProofPath.consistency(from: old, to: new) { proof.append(try self.root(of: range)) }
        }
        guard MerkleProof.verifyConsistency(from: old, root: oldRoot, to: new, root: newRoot, proof: proof) else {
            throw .damagedHashes(size: new)
        }
        return proof
    }

    /// The leaf hashes of lines, 32 bytes each, counted from 0; fewer where the file ends, wrong ones where it was damaged.
    ///
    /// For whoever makes the same files elsewhere, and compares the root.
    package func leafBytes(_ range: Range<UInt64>) throws(CheckpointError) -> [UInt8] {
        guard range.lowerBound >= self.start.size else { return [] }
        let leaves = self.levels[0]
        let hashes = try Self.withErrors { () throws(FileSystemError) in try leaves.hashes(range) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(hashes.count * Hash256.byteCount)
        for hash in hashes { hash.appendBytes(to: &bytes) }
        return bytes
    }

    /// The tree of the first `size` lines.
    private func frontier(at size: UInt64) throws(CheckpointError) -> Frontier {
        let end = self.levels[0].count
        guard size >= self.start.size, size <= end else { throw .unknownSize(size, known: self.start.size...end) }
        var hashes: [Hash256] = []
        for subtree in ProofPath.perfectSubtrees(of: 0..<size) { hashes.append(try self.root(of: subtree)) }
        guard let frontier = Frontier(size: size, hashes: hashes) else { throw .damagedHashes(size: size) }
        return frontier
    }

    /// The root of a subtree, which may be imperfect at the tree's right edge.
    private func root(of range: Range<UInt64>) throws(CheckpointError) -> Hash256 {
        var root: Hash256?
        for subtree in ProofPath.perfectSubtrees(of: range).reversed() {
            let left = try self.root(of: subtree)
            root = root.map { .node(left, $0) } ?? left
        }
        return root ?? .ofNothing
    }

    private func root(of subtree: PerfectSubtree) throws(CheckpointError) -> Hash256 {
        guard subtree.start < self.start.size else { return try self.readRoot(of: subtree) }
        if let kept = self.keptRoot(of: subtree) { return kept }
        // Begins before the first hash that is there: its left half ends there, or begins before as well.
        guard subtree.end > self.start.size, subtree.height > 0 else {
            throw .unknownLine(SequenceNumber(subtree.start + 1))
        }
        return .node(try self.root(of: subtree.left), try self.root(of: subtree.right))
    }

    /// The root of one of the subtrees that ``start`` consists of.
    private func keptRoot(of subtree: PerfectSubtree) -> Hash256? {
        let subtrees = ProofPath.perfectSubtrees(of: 0..<self.start.size)
        return subtrees.firstIndex(of: subtree).map { self.start.hashes[$0] }
    }

    /// Reads at most 128 hashes of one level, and joins them.
    private func readRoot(of subtree: PerfectSubtree) throws(CheckpointError) -> Hash256 {
        let level = min(subtree.height / Self.tileHeight, self.levels.count - 1)
        let height = UInt64(subtree.height - level * Self.tileHeight)
        let file = self.levels[level]
        var hashes = try Self.withErrors { () throws(FileSystemError) in
            try file.hashes(subtree.index << height..<(subtree.index + 1) << height)
        }
        guard hashes.count == 1 << height else { throw .damagedHashes(size: subtree.end) }
        while hashes.count > 1 {
            hashes = stride(from: 0, to: hashes.count, by: 2).map { .node(hashes[$0], hashes[$0 + 1]) }
        }
        return hashes[0]
    }

    // MARK: Files

    private func openLevel(_ level: Int) throws(CheckpointError) {
        let path = self.folder.appending(String(level))
        let (isWritable, fileSystem) = (self.isWritable, self.fileSystem)
        self.levels.append(
            try Self.withErrors { () throws(FileSystemError) in
                try HashLevel(at: path, isWritable: isWritable, fileSystem)
            }
        )
    }

    /// Brings the upper levels to the length that fits the leaves.
    ///
    /// After a crash they may be longer, or shorter by what was in memory.
    private func completeLevels() throws(CheckpointError) {
        if self.levels[0].count < self.start.size { try self.removeAll(startingAt: self.start) }
        // Written by a log that went on where the hashes before were not there: none of them is a beginning.
        let first = self.levels[0]
        let isHole = try Self.withErrors { () throws(FileSystemError) in
            let start = self.start.size
            return try first.hashes(start..<start + 1).first?.isZero == true
        }
        if isHole { first.end(at: self.start.size) }
        for level in 1..<self.levels.count {
            let file = self.levels[level]
            let height = level * Self.tileHeight
            let count = self.levels[0].count >> UInt64(height)
            if file.count > count { try Self.withErrors { () throws(FileSystemError) in try file.cut(to: count) } }
            while file.count < count {
                let subtree = PerfectSubtree(height: height, index: file.count)
                let root = Hash256.node(try self.root(of: subtree.left), try self.root(of: subtree.right))
                try Self.withErrors { () throws(FileSystemError) in try file.append(root) }
            }
        }
    }

    static func withErrors<R: ~Copyable>(
        _ body: () throws(FileSystemError) -> R
    ) throws(CheckpointError) -> R {
        do {
            return try body()
        } catch {
            throw .log(.fileSystem(error))
        }
    }
}

/// The file `start`: a size, then the hashes of the frontier in base64, a line each.
extension HashTree {
    private static let startName = "start"
    private static let startSizeLimit = 4096

    private func readStart() throws(CheckpointError) -> Frontier {
        let bytes: [UInt8]?
        do {
            bytes = try self.fileSystem.contents(of: self.folder.appending(Self.startName), limit: Self.startSizeLimit)
        } catch {
            throw .log(error)
        }
        guard let bytes else { return Frontier() }
        var lines = NoteLines(bytes[...])
        guard let size = lines.next().flatMap({ NoteLines.integer($0) }) else { return Frontier() }
        var hashes: [Hash256] = []
        while let hash = lines.next().flatMap({ Hash256(base64: $0) }) { hashes.append(hash) }
        // One that is damaged is as good as none: the hashes will then not fit the log, and are rebuilt.
        return Frontier(size: size, hashes: hashes) ?? Frontier()
    }

    private func writeStart() throws(CheckpointError) {
        let text = ([String(self.start.size)] + self.start.hashes.map { $0.base64 }).map { $0 + "\n" }.joined()
        do {
            try self.fileSystem.replaceFile(at: self.folder.appending(Self.startName), with: Array(text.utf8))
        } catch {
            throw .log(error)
        }
    }
}
