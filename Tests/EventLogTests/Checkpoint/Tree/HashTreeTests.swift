import EventLog
import LogValues
import SystemPackage
import TestSupport
import Testing

@Suite("Hash tree")
struct HashTreeTests {
    private static let directory = TestLog.directory

    private static func leaf(_ index: UInt64) -> Hash256 { .leaf("line \(index)") }

    private static func fileSystem() throws -> FaultyFileSystem {
        let fileSystem = FaultyFileSystem()
        _ = try fileSystem.createDirectory(self.directory)
        return fileSystem
    }

    /// A tree of `size` leaves in files, and the same tree in memory.
    private static func tree(
        _ size: UInt64,
        _ fileSystem: FaultyFileSystem
    ) throws -> (HashTree, MerkleTree) {
        let tree = try HashTree(in: self.directory, .readAndWrite, fileSystem: fileSystem)
        for index in tree.size..<size { try tree.append(leaf: self.leaf(index)) }
        try tree.flush()
        return (tree, MerkleTree(leaves: (0..<size).map { self.leaf($0) }))
    }

    private static func path(_ name: String) -> FilePath { self.directory.appending("hashes").appending(name) }

    /// Sizes where levels begin, end, and neither.
    private static let sizes: [UInt64] = [0, 1, 2, 3, 5, 255, 256, 257, 511, 512, 600, 1023, 1100]

    @Test("gives the roots and proofs that a tree in memory gives, at every size")
    func proofs() throws {
        let (tree, reference) = try Self.tree(1100, Self.fileSystem())
        for size in Self.sizes {
            #expect(try tree.root(ofFirst: size) == reference.root(ofFirst: size))
            for line in Self.sizes + [size] where line > 0 && line <= size {
                let proof = try tree.inclusionProof(of: SequenceNumber(line), inFirst: size)
                #expect(proof == reference.inclusionProof(of: line - 1, inFirst: size))
            }
            for old in Self.sizes where old <= size {
                #expect(
                    try tree.consistencyProof(from: old, to: size) == reference.consistencyProof(from: old, to: size)
                )
            }
        }
    }

    @Test("gives the same while leaves come in and nothing has been written")
    func pending() throws {
        let fileSystem = try Self.fileSystem()
        let tree = try HashTree(in: Self.directory, .read, fileSystem: fileSystem)
        var frontier = Frontier()
        for index in 0..<700 as Range<UInt64> {
            try tree.append(leaf: Self.leaf(index))
            frontier.append(leaf: Self.leaf(index))
            guard index % 37 == 0 else { continue }
            #expect(try tree.root(ofFirst: tree.size) == frontier.root)
            #expect(throws: Never.self) {
                try tree.inclusionProof(of: SequenceNumber(index / 2 + 1), inFirst: tree.size)
            }
        }
        #expect(fileSystem.disk.paths.isEmpty)
    }

    @Test("knows no tree larger than itself, and no line outside of the tree asked for")
    func unknown() throws {
        let (tree, _) = try Self.tree(300, Self.fileSystem())
        #expect(throws: CheckpointError.unknownSize(301, known: 0...300)) { try tree.root(ofFirst: 301) }
        #expect(throws: CheckpointError.unknownSize(301, known: 0...300)) {
            try tree.inclusionProof(of: SequenceNumber(1), inFirst: 301)
        }
        #expect(throws: CheckpointError.unknownSize(301, known: 0...300)) {
            try tree.consistencyProof(from: 1, to: 301)
        }
        #expect(throws: CheckpointError.unknownSize(5, known: 0...4)) { try tree.consistencyProof(from: 5, to: 4) }
        for line in [0, 8, UInt64.max] {
            #expect(throws: CheckpointError.unknownLine(SequenceNumber(line))) {
                try tree.inclusionProof(of: SequenceNumber(line), inFirst: 7)
            }
        }
    }

    @Test(
        "a tree opened again goes on as if it had not been closed",
        arguments: [0, 1, 255, 256, 257, 700] as [UInt64]
    )
    func reopened(size: UInt64) throws {
        let fileSystem = try Self.fileSystem()
        _ = try Self.tree(size, fileSystem)
        let (tree, reference) = try Self.tree(1100, fileSystem)
        #expect(try tree.root(ofFirst: 1100) == reference.root(ofFirst: 1100))
        #expect(try tree.root(ofFirst: size) == reference.root(ofFirst: size))
        #expect(fileSystem.disk[Self.path("0")]?.count == 1100 * 32)
        #expect(fileSystem.disk[Self.path("1")]?.count == 4 * 32)
        #expect(fileSystem.disk[Self.path("2")] == nil)
    }

    @Test("full tiles are those of C2SP tlog-tiles")
    func tiles() throws {
        let fileSystem = try Self.fileSystem()
        let tree = try HashTree(in: Self.directory, .readAndWrite, fileSystem: fileSystem)
        for index in 0..<1100 as Range<UInt64> {
            try tree.append(
                leaf: .leaf(
                    "{\"seq\":\(index),\"type\":\"message\",\"channel\":\"room-\(index % 3)\",\"text\":\"line \(index)\"}"
                )
            )
        }
        try tree.flush()
        // SHA-256 of tile/0/000, tile/0/003 and tile/1/000.p/4 of lines.json, `tiles_of_size_1100`.
        let expected = [
            ("0", 0..<8192, "50aa77e05e837ea8210c3803620a17bcb491ba2bc75620abc02e179da0244560"),
            ("0", 3 * 8192..<4 * 8192, "5b3ed0dccbb9c5f48c53c2ead75d312ecd5b2632903af721bf72a8c6d8a4f7c8"),
            ("1", 0..<128, "ce5274c1c32254243a60198ecacf5bea0d4fa9d62079d2e6e4ffd8b435f8636c"),
        ]
        for (name, range, hash) in expected {
            let bytes = try #require(fileSystem.disk[Self.path(name)])[range]
            #expect(Hash256(hashing: Array(bytes).span) == Hash256(hex: hash))
        }
    }

    @Test("upper levels that a crash left too short or too long are made to fit", arguments: [0, 1, 3, 4, 5])
    func levels(count: Int) throws {
        let fileSystem = try Self.fileSystem()
        let (_, reference) = try Self.tree(1100, fileSystem)
        var disk = fileSystem.disk
        let level = try #require(disk[Self.path("1")])
        disk[Self.path("1")] = Array((level + Array(repeating: 7, count: 32)).prefix(count * 32))
        let again = FaultyFileSystem(disk)
        let tree = try HashTree(in: Self.directory, .readAndWrite, fileSystem: again)
        #expect(try tree.root(ofFirst: 1100) == reference.root(ofFirst: 1100))
        // Goes on behind what was cut off or added.
        let (longer, longerReference) = try Self.tree(1500, again)
        #expect(try longer.root(ofFirst: 1500) == longerReference.root(ofFirst: 1500))
        #expect(again.disk[Self.path("1")]?.count == 5 * 32)
    }

    @Test("a write that stopped inside a hash loses that hash only", arguments: [1, 31, 32, 33])
    func torn(lost: Int) throws {
        let fileSystem = try Self.fileSystem()
        let (_, reference) = try Self.tree(600, fileSystem)
        var disk = fileSystem.disk
        disk[Self.path("0")] = disk[Self.path("0")]?.dropLast(lost)
        let size = UInt64(600 - (lost + 31) / 32)
        let again = FaultyFileSystem(disk)
        let opened = try HashTree(in: Self.directory, .readAndWrite, fileSystem: again)
        #expect(opened.size == size)
        let (tree, _) = try Self.tree(600, again)
        #expect(try tree.root(ofFirst: 600) == reference.root(ofFirst: 600))
        #expect(again.disk[Self.path("0")]?.count == 600 * 32)
    }

    @Test("no proof is given out that a wrong hash has got into")
    func damage() throws {
        let fileSystem = try Self.fileSystem()
        let (_, reference) = try Self.tree(600, fileSystem)
        let root = try #require(reference.root(ofFirst: 600))
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<60 {
            var disk = fileSystem.disk
            let path = Self.path(Bool.random(using: &generator) ? "0" : "1")
            let place = Int.random(in: 0..<(disk[path]?.count ?? 1), using: &generator)
            disk[path]?[place] ^= 1
            let tree = try HashTree(in: Self.directory, .read, fileSystem: FaultyFileSystem(disk))
            for line in [1, 255, 256, 300, 513, 600] as [UInt64] {
                do {
                    let proof = try tree.inclusionProof(of: SequenceNumber(line), inFirst: 600, root: root)
                    #expect(proof == reference.inclusionProof(of: line - 1, inFirst: 600))
                } catch {
                    #expect(error == .damagedHashes(size: 600))
                }
            }
        }
    }

    @Test(
        "hashes that begin in the middle of a log prove all lines from there on",
        arguments: [1, 200, 256, 300, 511, 600]
    )
    func start(size: UInt64) throws {
        let fileSystem = try Self.fileSystem()
        let reference = MerkleTree(leaves: (0..<1100).map { Self.leaf($0) })
        var frontier = Frontier()
        for index in 0..<size { frontier.append(leaf: Self.leaf(index)) }
        try HashTree(in: Self.directory, .readAndWrite, fileSystem: fileSystem).removeAll(startingAt: frontier)
        let (tree, _) = try Self.tree(1100, fileSystem)
        for tree in [tree, try HashTree(in: Self.directory, .read, fileSystem: fileSystem)] {
            #expect(tree.firstLine == SequenceNumber(size + 1))
            #expect(tree.size == 1100)
            for line in Set([size + 1, size + 2, 512, 513, 700, 1100]) where line > size {
                let proof = try tree.inclusionProof(of: SequenceNumber(line), inFirst: 1100)
                #expect(proof == reference.inclusionProof(of: line - 1, inFirst: 1100))
            }
            #expect(try tree.root(ofFirst: size) == frontier.root)
            #expect(throws: CheckpointError.unknownLine(SequenceNumber(size))) {
                try tree.inclusionProof(of: SequenceNumber(size), inFirst: 1100)
            }
            #expect(throws: CheckpointError.unknownSize(size - 1, known: size...1100)) {
                try tree.root(ofFirst: size - 1)
            }
        }
    }

    @Test("a disk that fails is told of, and the tree opened afterwards is right", arguments: 1...40)
    func diskFailure(call: Int) throws {
        let fileSystem = try Self.fileSystem()
        fileSystem.fail(.from(call: fileSystem.callCount + call), .torn(keeping: 50))
        do {
            _ = try Self.tree(2500, fileSystem)
        } catch let error as CheckpointError {
            guard case .log(.fileSystem) = error else {
                Issue.record("\(error)")
                return
            }
        }
        fileSystem.healAll()
        let (tree, reference) = try Self.tree(2500, fileSystem)
        #expect(try tree.root(ofFirst: 2500) == reference.root(ofFirst: 2500))
        #expect(fileSystem.openCount <= 8)
    }
}
