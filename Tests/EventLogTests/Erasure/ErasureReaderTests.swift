import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("Reading while contents are erased")
struct ErasureReaderTests {
    private let fileSystem = FaultyFileSystem()

    @Test("a cursor inside of a segment that is written anew goes on to the end", arguments: 0...9)
    func cursor(read count: Int) throws {
        let log = try ErasedLog(self.fileSystem)
        log.fill()
        var cursor = try LogReader(TestLog.directory, fileSystem: self.fileSystem).cursor()
        var numbers: [UInt64] = []
        while numbers.count < count, try cursor?.advance() == true, let line = cursor?.line {
            numbers.append(line.sequenceNumber.rawValue)
        }
        _ = try log.erase(2, 5, 9)
        log.log.commit(TestLog.batch("later"))
        while try cursor?.advance() == true, let line = cursor?.line { numbers.append(line.sequenceNumber.rawValue) }
        #expect(numbers == Array(1...11))
    }

    @Test("a follower at the live end goes on in the next segment when its own is sealed and written anew")
    func follower() throws {
        let log = try ErasedLog(self.fileSystem, segmentSizeBytes: 1 << 20)
        log.fill()
        let follower = Follower(LogFollower(TestLog.directory, fileSystem: self.fileSystem) { false })
        #expect(try LogFollowerTests.drain(follower) == Array(1...9))
        _ = try log.erase(2, 5, 9)
        log.log.commit(TestLog.batch("later"))
        #expect(try LogFollowerTests.drain(follower) == [10, 11])
    }

    @Test("hashes that were taken before an erasure are those of the log after it, and proofs go on")
    func hashes() throws {
        let log = try ErasedLog(self.fileSystem)
        log.fill()
        let tree = try HashTree(in: TestLog.directory, .readAndWrite, fileSystem: self.fileSystem)
        try tree.catchUp()
        let root = try tree.root(ofFirst: 9)
        let proof = try tree.inclusionProof(of: SequenceNumber(5), inFirst: 9)
        _ = try log.erase(2, 5, 9)
        try tree.catchUp()
        #expect(try tree.root(ofFirst: 9) == root)
        #expect(try tree.inclusionProof(of: SequenceNumber(5), inFirst: 9) == proof)
        try tree.rebuild()
        #expect(try tree.root(ofFirst: 9) == root)
        #expect(tree.size == 10)
    }
}
