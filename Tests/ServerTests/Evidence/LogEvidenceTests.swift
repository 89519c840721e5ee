import EventLog
import LogValues
import Projections
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Archive
@testable import Hub

@Suite("The log's evidence")
struct LogEvidenceTests {
    // MARK: Checkpoints

    @Test("the newest checkpoint that the log records is handed out, signed, and of the log's root at its size")
    func newestCheckpoint() async throws {
        let log = try EvidenceLog()
        let evidence = log.evidence()
        await #expect(throws: EvidenceError.noCheckpoint) { try await evidence.newestCheckpoint() }
        log.post(1...5)
        await #expect(throws: EvidenceError.noCheckpoint) { try await evidence.newestCheckpoint() }
        log.writeCheckpoint()
        #expect(try await evidence.newestCheckpoint().size == 5)
        log.post(6...9)
        #expect(try await evidence.newestCheckpoint().size == 5)
        log.writeCheckpoint()
        let newest = try await evidence.newestCheckpoint()
        let checkpoint = try Checkpoint(
            verifying: newest.note,
            with: [log.key.verifierKey],
            origin: EvidenceLog.origin
        )
        #expect(checkpoint.body.size == 10)
        #expect(checkpoint.body.root == (try log.root(at: 10)))
    }

    @Test("after a start it is found again, also where the last segments hold none")
    func afterAStart() async throws {
        let log = try EvidenceLog()
        log.post(1...20)
        log.writeCheckpoint()
        log.post(21...200)
        #expect(try SegmentCatalog(TestLog.directory, fileSystem: log.fileSystem).segments.count > 4)
        #expect(try await log.evidenceWithoutWriter().newestCheckpoint().size == 20)
    }

    @Test("a checkpoint whose line is not committed is not handed out")
    func uncommitted() async throws {
        let log = try EvidenceLog()
        log.post(1...5)
        log.writeCheckpoint()
        log.post(6...8)
        log.writeCheckpoint()
        log.hideLines(behind: 9)
        let evidence = log.evidenceWithoutWriter()
        #expect(try await evidence.newestCheckpoint().size == 5)
        await #expect(throws: EvidenceError.noLine(SequenceNumber(10), end: 9)) {
            try await evidence.inclusion(of: SequenceNumber(10))
        }
        log.hideLines(behind: nil)
        #expect(try await evidence.newestCheckpoint().size == 9)
    }

    @Test("what was handed out survives a power failure, whatever the durability", arguments: [Durability.always, .os])
    func survivesPowerFailure(durability: Durability) async throws {
        let log = try EvidenceLog(durability: durability)
        log.post(1...150)
        log.writeCheckpoint()
        let newest = try await log.evidence().newestCheckpoint()
        var generator = SeededGenerator(seed: 1)
        let disk = log.fileSystem.disk.afterPowerFailure(.everything, using: &generator)
        let lines = try TestLog.lines(FaultyFileSystem(disk))
        #expect(lines.count >= Int(newest.line.rawValue))
        #expect(lines.last?.contains("log.checkpointed") == true)
    }

    @Test("if the log cannot be brought to the disk, nothing is handed out")
    func syncFails() async throws {
        let log = try EvidenceLog(durability: .os)
        log.post(1...5)
        log.writeCheckpoint()
        log.fileSystem.fail(.next(.sync))
        let evidence = log.evidence()
        await #expect(throws: EvidenceError.self) { try await evidence.newestCheckpoint() }
        #expect(try await evidence.newestCheckpoint().size == 5)
    }

    // MARK: Inclusion

    @Test("a line's proof leads to the newest checkpoint, and its text can be checked with the public key alone")
    func inclusion() async throws {
        let log = try EvidenceLog()
        log.post(1...300)
        log.writeCheckpoint()
        let evidence = log.evidenceWithoutWriter()
        for number in [1, 128, 255, 256, 257, 300] as [UInt64] {
            let proof = try await evidence.inclusion(of: SequenceNumber(number))
            let receipt = try LogProof(parsing: try #require(proof.receipt()).bytes)
            let checkpoint = try receipt.verify(
                line: log.line(number),
                with: [log.key.verifierKey],
                origin: EvidenceLog.origin
            )
            #expect(checkpoint.body.size == 300)
            #expect(throws: CheckpointError.self) {
                try receipt.verify(line: log.line(2), with: [log.key.verifierKey], origin: EvidenceLog.origin)
            }
        }
    }

    @Test("a line that no checkpoint covers yet gets one, which is written for all who wait together")
    func checkpointOnDemand() async throws {
        let log = try EvidenceLog()
        log.post(1...10)
        let asked = Mutex(0)
        let evidence = log.evidence {
            asked.withLock { $0 += 1 }
            return log.writeCheckpoint()
        }
        let sizes = try await withThrowingTaskGroup(of: UInt64.self) { group in
            for number in 1...10 as ClosedRange<UInt64> {
                group.addTask { try await evidence.inclusion(of: SequenceNumber(number)).size }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(sizes.allSatisfy { $0 >= 10 })
        #expect(asked.withLock { $0 } == 1)
        #expect(try await evidence.inclusion(of: SequenceNumber(3)).size == 10)
        #expect(asked.withLock { $0 } == 1)
    }

    @Test("where nobody writes, or no checkpoint can be written, the line is not covered yet")
    func notCovered() async throws {
        let log = try EvidenceLog()
        log.post(1...3)
        await #expect(throws: EvidenceError.notCovered(SequenceNumber(2))) {
            try await log.evidenceWithoutWriter().inclusion(of: SequenceNumber(2))
        }
        await #expect(throws: EvidenceError.unavailable(reason: "the disk is full")) {
            try await log.evidence { "the disk is full" }.inclusion(of: SequenceNumber(2))
        }
        // A hub that says it did, and did not, is not asked for ever.
        await #expect(throws: EvidenceError.notCovered(SequenceNumber(2))) {
            try await log.evidence { nil }.inclusion(of: SequenceNumber(2))
        }
    }

    @Test("at a size that was signed, the proof comes with that checkpoint; at others with the root alone")
    func inclusionAtSize() async throws {
        let log = try EvidenceLog()
        log.post(1...20)
        log.writeCheckpoint()
        log.post(22...90)
        log.writeCheckpoint()
        log.post(92...200)
        let evidence = log.evidenceWithoutWriter()
        for size in [20, 90] as [UInt64] {
            let proof = try await evidence.inclusion(of: SequenceNumber(7), inFirst: size)
            let text = try #require(proof.receipt()).bytes
            #expect(
                try LogProof(parsing: text).verify(
                    line: log.line(7),
                    with: [log.key.verifierKey],
                    origin: EvidenceLog.origin
                ).body.size == size
            )
        }
        let unsigned = try await evidence.inclusion(of: SequenceNumber(7), inFirst: 33)
        #expect(unsigned.receipt() == nil)
        #expect(unsigned.root == (try log.root(at: 33)))
        await #expect(throws: EvidenceError.lineBeyondSize(SequenceNumber(34), size: 33)) {
            try await evidence.inclusion(of: SequenceNumber(34), inFirst: 33)
        }
        await #expect(throws: EvidenceError.noSize(1000, end: log.size)) {
            try await evidence.inclusion(of: SequenceNumber(7), inFirst: 1000)
        }
    }

    // MARK: Consistency

    @Test("two checkpoints are connected by a proof that can be checked with the older one and the public key")
    func consistency() async throws {
        let log = try EvidenceLog()
        let evidence = log.evidence()
        log.post(1...20)
        log.writeCheckpoint()
        let old = try await evidence.newestCheckpoint()
        log.post(22...300)
        log.writeCheckpoint()
        let proof = try await evidence.consistency(from: 20)
        let text = try ConsistencyProof(parsing: try #require(proof.receipt).bytes)
        let keys = [log.key.verifierKey]
        let body = try CheckpointBody(parsing: old.note.text)
        #expect(try text.verify(old: body, with: keys, origin: EvidenceLog.origin).body.size == 300)
        let other = CheckpointBody(origin: body.origin, size: 20, root: .ofNothing)
        #expect(throws: CheckpointError.refusedProof) {
            try text.verify(old: other, with: keys, origin: EvidenceLog.origin)
        }
        let unsigned = try await evidence.consistency(from: 5, to: 200)
        #expect(unsigned.receipt == nil)
        #expect(
            MerkleProof.verifyConsistency(
                from: 5,
                root: try log.root(at: 5),
                to: 200,
                root: try log.root(at: 200),
                proof: unsigned.hashes
            )
        )
    }

    @Test("sizes that are turned around or beyond the log are refused")
    func wrongSizes() async throws {
        let log = try EvidenceLog()
        log.post(1...5)
        let evidence = log.evidence()
        await #expect(throws: EvidenceError.sizesTurnedAround(from: 4, to: 2)) {
            try await evidence.consistency(from: 4, to: 2)
        }
        await #expect(throws: EvidenceError.noSize(6, end: 5)) { try await evidence.consistency(from: 6) }
        await #expect(throws: EvidenceError.noSize(9, end: 5)) { try await evidence.consistency(from: 1, to: 9) }
        #expect(try await evidence.consistency(from: 0, to: 5).hashes.isEmpty)
    }

    @Test("hashes that were damaged beside the log are made anew, and the proofs are right")
    func damagedHashes() async throws {
        let log = try EvidenceLog()
        log.post(1...300)
        log.writeCheckpoint()
        _ = try await log.evidenceWithoutWriter().inclusion(of: SequenceNumber(9))
        let path = TestLog.directory.appending("hashes").appending("0")
        var disk = log.fileSystem.disk
        let hashes = try #require(disk[path])
        disk[path] = hashes.enumerated().map { $0.offset == 40 ? $0.element ^ 1 : $0.element }
        let damaged = FaultyFileSystem(disk)
        let evidence = LogEvidence(
            LogEvidence.Source(
                directory: TestLog.directory,
                messages: MessagesOfNow(log.log.log.logID, damaged),
                fileSystem: damaged,
                end: { SequenceNumber(301) },
                makeCheckpoint: nil
            )
        )
        let receipt = try #require(try await evidence.inclusion(of: SequenceNumber(1)).receipt())
        #expect(throws: Never.self) {
            try receipt.verify(line: log.line(1), with: [log.key.verifierKey], origin: EvidenceLog.origin)
        }
    }

    // MARK: Receipts

    @Test("the lines of a message are read in one go, however many edits there are")
    func manyEdits() async throws {
        func opened(edits: Int) async throws -> Int {
            let log = try EvidenceLog(segmentSizeBytes: 1 << 20)
            log.post(1...1)
            for number in 0..<edits { log.edit(1, "edit \(number)") }
            log.writeCheckpoint()
            let evidence = log.evidenceWithoutWriter()
            _ = try await evidence.newestCheckpoint()
            let before = log.fileSystem.count(of: .open)
            let receipt = try await evidence.receipt(ofMessage: EvidenceLog.uuid(1), .post)
            #expect(receipt.line.sequenceNumber == .first)
            return log.fileSystem.count(of: .open) - before
        }
        let few = try await opened(edits: 20)
        let many = try await opened(edits: 200)
        #expect(many <= few + 4, "\(few) files opened for 20 edits, \(many) for 200")
    }

    @Test("a receipt carries the line of the event that was asked for")
    func receipts() async throws {
        let log = try EvidenceLog()
        log.post(1...3)
        log.edit(2, "second thoughts")
        log.post(4...4)
        log.edit(2, "third thoughts")
        log.delete(2)
        log.erase(lines: [2, 4, 6])
        log.erase(lines: [1])
        let evidence = log.evidence()
        let expected: [(String, UInt64)] = [
            ("post", 2), ("edit", 6), ("edit:1", 4), ("edit:2", 6), ("delete", 7), ("erase", 8),
        ]
        for (text, line) in expected {
            let selector = try #require(MessageEventSelector(text))
            let receipt = try await evidence.receipt(ofMessage: EvidenceLog.uuid(2), selector)
            #expect(receipt.line.sequenceNumber.rawValue == line)
            #expect(receipt.line.bytes == (try log.line(line)))
            let proof = try #require(receipt.proof.receipt(extra: receipt.line.bytes))
            let read = try LogProof(parsing: proof.bytes)
            #expect(throws: Never.self) {
                try read.verify(
                    line: try #require(read.extra),
                    with: [log.key.verifierKey],
                    origin: EvidenceLog.origin
                )
            }
        }
        let absent = try #require(MessageEventSelector("edit:3"))
        await #expect(throws: EvidenceError.noSuchEvent(absent, EvidenceLog.uuid(2))) {
            try await evidence.receipt(ofMessage: EvidenceLog.uuid(2), absent)
        }
        await #expect(throws: EvidenceError.unknownMessage(EvidenceLog.uuid(9))) {
            try await evidence.receipt(ofMessage: EvidenceLog.uuid(9), .post)
        }
    }

    @Test("texts that name no event of a message", arguments: ["", "posts", "edit:", "edit:0", "edit:-1", "edit:1:1"])
    func selectors(text: String) {
        #expect(MessageEventSelector(text) == nil)
    }

    @Test("on a full disk nothing can be proved for now; nothing is wrong with the log, and later it can")
    func fullDisk() async throws {
        let log = try EvidenceLog()
        log.post(1...50)
        log.writeCheckpoint()
        let evidence = log.evidence()
        log.fileSystem.limitRoom(to: 0)
        let error = await #expect(throws: EvidenceError.self) { try await evidence.inclusion(of: SequenceNumber(3)) }
        guard case .unavailable(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("\(Errno.noSpace)"))
        log.fileSystem.limitRoom(to: .max)
        #expect(try await evidence.inclusion(of: SequenceNumber(3)).line == SequenceNumber(3))
    }
}
