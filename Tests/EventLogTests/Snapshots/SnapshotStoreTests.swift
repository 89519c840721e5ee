import EventLog
import LogValues
import RawJSON
import SystemPackage
import TestSupport
import Testing

@Suite("Snapshot files")
struct SnapshotStoreTests {
    private static let logID = "0123456789abcdef0011223344556677"
    private let disk = FaultyFileSystem()

    private func store() throws -> SnapshotStore {
        _ = try self.disk.createDirectory(TestLog.directory)
        return SnapshotStore(in: TestLog.directory, fileSystem: self.disk)
    }

    @discardableResult
    private func write(_ lines: [String], through size: UInt64, in store: SnapshotStore) throws -> SnapshotName {
        let header = SnapshotHeader(
            logID: Self.logID,
            madeAt: 1_795_000_000_123_456,
            frontier: frontier(of: size),
            context: Array(#"{"times":[1]}"#.utf8)
        )
        try store.write(header) { file in
            for line in lines { try file.write(line.utf8Span.span) }
        }
        return header.name
    }

    private func lines(of name: SnapshotName, in store: SnapshotStore) throws -> [String] {
        var lines: [String] = []
        try store.open(name).forEachLine { lines.append(String(decoding: $0, as: UTF8.self)) }
        return lines
    }

    @Test(
        "a snapshot is read as it was written, whatever the sizes of its lines",
        arguments: [0, 1, 100, 262_143, 900_000]
    )
    func roundTrip(size: Int) throws {
        let store = try self.store()
        let lines = ["{}", TestLog.noise(size, seed: 1), "", TestLog.noise(size / 2, seed: 2)]
        let name = try self.write(lines, through: 12, in: store)
        #expect(name.fileName == "00000000000000000012.ndjson.lz4")
        let file = try store.open(name)
        #expect(file.header.logID == Self.logID)
        #expect(file.header.made == "2026-11-18T11:06:40.123456Z")
        #expect(file.header.frontier == frontier(of: 12))
        #expect(String(decoding: file.header.context, as: UTF8.self) == #"{"times":[1]}"#)
        #expect(try self.lines(of: name, in: store) == lines)
        #expect(self.disk.openCount == 1, "the file that this test holds")
        withExtendedLifetime(file) {}
    }

    @Test("a snapshot cut anywhere is refused")
    func cut() throws {
        let store = try self.store()
        let name = try self.write(["{\"a\":1}", TestLog.noise(2000, seed: 3)], through: 3, in: store)
        let path = store.path(of: name)
        let whole = try #require(self.disk.disk[path])
        for size in 0..<whole.count {
            let damaged = FaultyFileSystem(diskWith(Array(whole.prefix(size)), at: path))
            let copy = SnapshotStore(in: TestLog.directory, fileSystem: damaged)
            #expect(throws: EventLogError.self, "cut to \(size) of \(whole.count) bytes") {
                try self.lines(of: name, in: copy)
            }
        }
    }

    @Test("a snapshot with a byte changed anywhere is refused, and so is one with bytes behind it")
    func changed() throws {
        let store = try self.store()
        let name = try self.write(["{\"a\":1}", TestLog.noise(500, seed: 4)], through: 3, in: store)
        let path = store.path(of: name)
        let whole = try #require(self.disk.disk[path])
        for position in whole.indices {
            var bytes = whole
            bytes[position] ^= 0x20
            let copy = SnapshotStore(in: TestLog.directory, fileSystem: FaultyFileSystem(diskWith(bytes, at: path)))
            #expect(throws: EventLogError.self, "byte \(position)") { try self.lines(of: name, in: copy) }
        }
        let copy = SnapshotStore(
            in: TestLog.directory,
            fileSystem: FaultyFileSystem(diskWith(whole + whole, at: path))
        )
        #expect(throws: EventLogError.self) { try self.lines(of: name, in: copy) }
    }

    @Test("a snapshot under another one's name is refused")
    func otherName() throws {
        let store = try self.store()
        let name = try self.write(["{}"], through: 3, in: store)
        let bytes = try #require(self.disk.disk[store.path(of: name)])
        let other = SnapshotName(through: SequenceNumber(4))
        let copy = SnapshotStore(
            in: TestLog.directory,
            fileSystem: FaultyFileSystem(diskWith(bytes, at: store.path(of: other)))
        )
        #expect(
            throws: EventLogError.damaged(
                file: "snapshots/00000000000000000004.ndjson.lz4",
                offset: 0,
                .snapshotHeader
            )
        ) { try copy.open(other) }
    }

    @Test("a crash, or a failing disk, at any call leaves no snapshot or a whole one, and the older one as it was")
    func atomic() throws {
        let older = try self.write(["{\"old\":1}"], through: 2, in: self.store())
        let clean = self.disk.disk
        var generator = SeededGenerator(seed: 7)
        var callCount = 0
        var newCount = 0
        while true {
            callCount += 1
            let failing = FaultyFileSystem(clean)
            failing.fail(.from(call: callCount))
            let store = SnapshotStore(in: TestLog.directory, fileSystem: failing)
            let succeeded = (try? self.write(["{\"new\":1}"], through: 5, in: store)) != nil
            for loss in Disk.Loss.allCases {
                let found = SnapshotStore(
                    in: TestLog.directory,
                    fileSystem: FaultyFileSystem(failing.disk.afterPowerFailure(loss, using: &generator))
                )
                let names = try found.names()
                #expect(names.first == older)
                #expect(try self.lines(of: older, in: found) == ["{\"old\":1}"])
                if names.count > 1 {
                    newCount += 1
                    #expect(try self.lines(of: names[1], in: found) == ["{\"new\":1}"])
                }
                #expect(names.count == 2 || !succeeded, "what was said to be written is there")
                try found.removeUnfinished()
                #expect(try found.names() == names)
            }
            if succeeded { break }
        }
        #expect(callCount > 5)
        #expect(newCount >= Disk.Loss.allCases.count)
    }

    @Test("a failed write leaves no file behind, and the disk can be tried again")
    func full() throws {
        let store = try self.store()
        self.disk.limitRoom(to: 100)
        #expect(throws: EventLogError.self) { try self.write([TestLog.noise(5000, seed: 1)], through: 3, in: store) }
        #expect(self.disk.disk.paths.isEmpty)
        self.disk.limitRoom(to: .max)
        try self.write(["{}"], through: 3, in: store)
        #expect(self.disk.openCount == 0)
    }

    @Test("an error of whoever writes the lines comes out as it is, and there is no snapshot")
    func otherErrors() throws {
        struct Stopped: Error {}
        let store = try self.store()
        let header = SnapshotHeader(logID: Self.logID, madeAt: 0, frontier: frontier(of: 1), context: Array("0".utf8))
        #expect(throws: Stopped.self) { try store.write(header) { _ in throw Stopped() } }
        #expect(try store.names().isEmpty)
    }

    @Test("the newest are kept, and what is older than a line goes")
    func removing() throws {
        let store = try self.store()
        for size: UInt64 in [3, 9, 12, 20] { try self.write(["{}"], through: size, in: store) }
        try store.removeAll(butNewest: 3)
        #expect(try store.names().map(\.through.rawValue) == [9, 12, 20])
        try store.removeAll(before: SequenceNumber(12))
        #expect(try store.names().map(\.through.rawValue) == [12, 20])
        #expect(SnapshotStore(in: "/nowhere", fileSystem: self.disk).isEmpty)
    }

    @Test("where lines were dropped, the last snapshot that stands for them is not removed")
    func neededSnapshot() throws {
        let log = try TestLog(self.disk, TestLog.configuration(segmentSizeBytes: 1))
        for text in ["a", "b", "c"] { log.commit(TestLog.batch(text)) }
        log.close()
        let store = try self.store()
        try self.write(["{}"], through: 1, in: store)
        try self.write(["{}"], through: 2, in: store)
        try self.disk.remove(TestLog.path(ofSegment: 1))
        try self.disk.remove(TestLog.path(ofSegment: 2))
        #expect(throws: EventLogError.historyIncomplete(first: SequenceNumber(3))) {
            try store.removeAll(before: SequenceNumber(3))
        }
        #expect(try store.names().count == 2)
        try store.removeAll(before: SequenceNumber(2))
        #expect(try store.names().map(\.through.rawValue) == [2])
    }
}

extension SnapshotStore {
    fileprivate var isEmpty: Bool { (try? self.names().isEmpty) ?? false }
}

/// The tree of so many lines, of any content.
private func frontier(of size: UInt64) -> Frontier {
    var frontier = Frontier()
    for number in 0..<size { frontier.append(leaf: .leaf("\(number)")) }
    return frontier
}

private func diskWith(_ bytes: [UInt8], at path: FilePath) -> Disk {
    var disk = Disk()
    disk[path] = bytes
    return disk
}
