import EventLog
import LogValues
import SystemPackage
import TestSupport
import Testing

@Suite("Hash tree: catching up with a log")
struct HashTreeCatchUpTests {
    private static let directory = TestLog.directory

    /// A log of short segments, with its lines.
    private static func log(_ fileSystem: FaultyFileSystem, commits: Int = 12) throws -> TestLog {
        let log = try TestLog(fileSystem, TestLog.configuration(segmentSizeBytes: 2000))
        for number in 0..<commits { log.commit(TestLog.batch((0..<5).map { "commit \(number) line \($0)" })) }
        return log
    }

    private static func tree(_ fileSystem: FaultyFileSystem, _ access: HashTree.Access = .readAndWrite) throws
        -> HashTree
    {
        let tree = try HashTree(in: self.directory, access, fileSystem: fileSystem)
        try tree.catchUp()
        return tree
    }

    private static func segmentBases(_ fileSystem: FaultyFileSystem) -> [UInt64] {
        fileSystem.disk.paths.compactMap { SegmentName(fileName: $0.lastComponent?.string ?? "")?.base.rawValue }
    }

    private static let leafPath = Self.directory.appending("hashes/0")

    @Test("has the root that the log reported with each commit")
    func roots() throws {
        let fileSystem = FaultyFileSystem()
        let log = try Self.log(fileSystem)
        let tree = try Self.tree(fileSystem)
        #expect(Self.segmentBases(fileSystem).count > 3)
        #expect(log.commits.count == 12)
        for commit in log.commits { #expect(try tree.root(ofFirst: commit.treeSize) == commit.root) }
        log.close()
    }

    @Test("goes on with what a living log has more, and with the next segment")
    func living() throws {
        let fileSystem = FaultyFileSystem()
        let log = try Self.log(fileSystem, commits: 1)
        let tree = try Self.tree(fileSystem)
        for number in 0..<30 {
            log.commit(TestLog.batch("more \(number)"))
            try tree.catchUp()
            #expect(tree.size == UInt64(6 + number))
            #expect(try tree.root(ofFirst: tree.size) == log.commits.last?.root)
        }
        log.close()
        try tree.catchUp()
        #expect(tree.size == 35)
    }

    @Test("takes in no more than it is told to, and goes on from there")
    func bounded() throws {
        let fileSystem = FaultyFileSystem()
        let log = try Self.log(fileSystem)
        let tree = try HashTree(in: Self.directory, .readAndWrite, fileSystem: fileSystem)
        for end: UInt64 in [0, 1, 7, 7, 60, 61] {
            try tree.catchUp(through: SequenceNumber(end))
            #expect(tree.size == min(end, 60))
        }
        #expect(try tree.root(ofFirst: 60) == log.commits.last?.root)
        log.close()
    }

    @Test("without a log there is nothing")
    func noLog() throws {
        let fileSystem = FaultyFileSystem()
        _ = try fileSystem.createDirectory(Self.directory)
        let tree = try Self.tree(fileSystem)
        #expect(tree.size == 0)
        #expect(try tree.root(ofFirst: 0) == .ofNothing)
    }

    @Test("reads no more than the last segment if the hashes agree with the log")
    func trusting() throws {
        let fileSystem = FaultyFileSystem()
        try Self.log(fileSystem, commits: 40).close()
        _ = try Self.tree(fileSystem)
        let opened = fileSystem.count(of: .open)
        let tree = try Self.tree(fileSystem)
        #expect(tree.size == 200)
        // `start` and the levels, and the last segment twice: for its header, and for its lines.
        #expect(fileSystem.count(of: .open) - opened <= 12)
    }

    @Test("hashes of another log, or of lines that are no longer there, are replaced")
    func others() throws {
        let (ours, others) = (FaultyFileSystem(), FaultyFileSystem())
        try Self.log(ours).close()
        let other = try TestLog(others, TestLog.configuration(segmentSizeBytes: 2000))
        for number in 0..<50 { other.commit(TestLog.batch("other \(number)", "and", "so", "on")) }
        other.close()
        _ = try Self.tree(others)
        var disk = ours.disk
        for path in others.disk.paths where path.string.contains("hashes") { disk[path] = others.disk[path] }
        let expected = try Self.tree(ours)
        let tree = try Self.tree(FaultyFileSystem(disk))
        #expect(tree.size == expected.size)
        #expect(try tree.root(ofFirst: tree.size) == expected.root(ofFirst: expected.size))
    }

    @Test("hashes behind the end of a log that lost its end are forgotten")
    func aheadOfLog() throws {
        let (longer, shorter) = (FaultyFileSystem(), FaultyFileSystem())
        try Self.log(longer, commits: 13).close()
        try Self.log(shorter, commits: 11).close()
        _ = try Self.tree(longer)
        var disk = shorter.disk
        for path in longer.disk.paths where path.string.contains("hashes") { disk[path] = longer.disk[path] }
        let fileSystem = FaultyFileSystem(disk)
        let tree = try Self.tree(fileSystem)
        #expect(tree.size == 55)
        #expect(fileSystem.disk[Self.leafPath]?.count == 55 * 32)
    }

    @Test("whatever a power failure leaves, the tree is right once it caught up", arguments: Disk.Loss.allCases, 0..<10)
    func powerFailure(loss: Disk.Loss, seed: UInt64) throws {
        let fileSystem = FaultyFileSystem()
        try Self.log(fileSystem, commits: 60).close()
        _ = try Self.tree(fileSystem)
        var generator = SeededGenerator(seed: seed)
        let after = FaultyFileSystem(fileSystem.disk.afterPowerFailure(loss, using: &generator))
        let tree = try Self.tree(after)
        let expected = try Self.tree(fileSystem, .read)
        #expect(tree.size == 300)
        for line in stride(from: UInt64(1), through: 300, by: 7) {
            let root = try expected.root(ofFirst: 300)
            do {
                _ = try tree.inclusionProof(of: SequenceNumber(line), inFirst: 300, root: root)
            } catch CheckpointError.damagedHashes {
                try tree.rebuild()
                _ = try tree.inclusionProof(of: SequenceNumber(line), inFirst: 300, root: root)
            }
        }
    }

    @Test("a wrong leaf hash is mended by a rebuild")
    func rebuild() throws {
        let fileSystem = FaultyFileSystem()
        try Self.log(fileSystem, commits: 60).close()
        _ = try Self.tree(fileSystem)
        var disk = fileSystem.disk
        disk[Self.leafPath]?[40] ^= 1
        let tree = try Self.tree(FaultyFileSystem(disk))
        #expect(throws: CheckpointError.damagedHashes(size: 300)) {
            try tree.inclusionProof(of: SequenceNumber(2), inFirst: 300)
        }
        try tree.rebuild()
        #expect(throws: Never.self) { try tree.inclusionProof(of: SequenceNumber(2), inFirst: 300) }
    }

    @Test("a log whose first segments were dropped keeps its proofs; without its hashes, those of what is left")
    func dropped() throws {
        let fileSystem = FaultyFileSystem()
        let log = try Self.log(fileSystem)
        let root = try #require(log.commits.last?.root)
        log.close()
        _ = try Self.tree(fileSystem)
        let bases = Self.segmentBases(fileSystem)
        var disk = fileSystem.disk
        disk[TestLog.path(ofSegment: bases[0])] = nil
        disk[TestLog.path(ofSegment: bases[1])] = nil
        let kept = try Self.tree(FaultyFileSystem(disk))
        #expect(throws: Never.self) { try kept.inclusionProof(of: SequenceNumber(1), inFirst: 60, root: root) }
        try kept.rebuild()
        #expect(throws: Never.self) { try kept.inclusionProof(of: SequenceNumber(1), inFirst: 60, root: root) }

        for path in disk.paths where path.string.contains("hashes") { disk[path] = nil }
        let fresh = try Self.tree(FaultyFileSystem(disk))
        #expect(fresh.firstLine == SequenceNumber(bases[2]))
        for line in bases[2]...60 {
            #expect(throws: Never.self) { try fresh.inclusionProof(of: SequenceNumber(line), inFirst: 60, root: root) }
        }
        #expect(throws: CheckpointError.unknownLine(SequenceNumber(1))) {
            try fresh.inclusionProof(of: SequenceNumber(1), inFirst: 60)
        }
    }

    @Test("a disk that fails while it catches up is told of, and the next time it is right", arguments: 1...12)
    func diskFailure(call: Int) throws {
        let fileSystem = FaultyFileSystem()
        let log = try Self.log(fileSystem)
        let root = try #require(log.commits.last?.root)
        log.close()
        let tree = try HashTree(in: Self.directory, .readAndWrite, fileSystem: fileSystem)
        fileSystem.fail(.from(call: fileSystem.callCount + call))
        let error = #expect(throws: CheckpointError.self) { try tree.catchUp() }
        guard case .log(.fileSystem)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        fileSystem.healAll()
        try tree.catchUp()
        #expect(try tree.root(ofFirst: 60) == root)
    }

    @Test("damage in the log is told of, and nothing of it is taken in")
    func damagedLog() throws {
        let fileSystem = FaultyFileSystem()
        let log = try Self.log(fileSystem)
        let commits = log.commits
        log.close()
        var disk = fileSystem.disk
        let path = TestLog.path(ofSegment: Self.segmentBases(fileSystem)[1])
        let size = try #require(disk[path]?.count)
        disk[path]?[size / 2] ^= 1
        let tree = try HashTree(in: Self.directory, .readAndWrite, fileSystem: FaultyFileSystem(disk))
        for _ in 0..<2 {
            let error = #expect(throws: CheckpointError.self) { try tree.catchUp() }
            guard case .log(.damaged)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            for commit in commits where commit.treeSize <= tree.size {
                #expect(try tree.root(ofFirst: commit.treeSize) == commit.root)
            }
        }
    }

    @Test("who may only read changes nothing, and proves the same")
    func readOnly() throws {
        let fileSystem = FaultyFileSystem()
        let log = try Self.log(fileSystem)
        _ = try Self.tree(fileSystem)
        log.commit(TestLog.batch("one more"))
        log.close()
        let writes = fileSystem.count(of: .write)
        let tree = try Self.tree(fileSystem, .read)
        #expect(tree.size == 61)
        #expect(throws: Never.self) {
            try tree.inclusionProof(of: SequenceNumber(61), inFirst: 61, root: log.commits.last?.root)
        }
        #expect(fileSystem.count(of: .write) == writes)
        #expect(fileSystem.count(of: .truncate) == 0)
    }
}
