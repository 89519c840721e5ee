import EventLog
import Foundation
import LogValues
import RawJSON
import SystemPackage
import TestSupport
import Testing

@testable import channelstream_log

@Suite("Where the damage is")
struct DamageLocationTests {
    private let directory: TemporaryDirectory
    private var log: FilePath { self.directory.log }

    init() throws {
        self.directory = try TemporaryDirectory()
    }

    private func verify() throws -> Verification {
        var settings = LogVerifier.Settings()
        settings.pause = {}
        var verifier = LogVerifier(self.log, settings)
        return try verifier.run()
    }

    /// The lines that `cat` shows.
    private func shownLines() -> [String] {
        var lines: [String] = []
        _ = try? LogScan(directory: self.log, pause: {}).forEachSoundLine { line in
            lines.append(String(decoding: line.bytes, as: UTF8.self))
        }
        return lines
    }

    @Test("each block dropped, doubled, swapped or intruded upon is found with its place, and no false line is shown")
    func everyBlock() throws {
        try ShuffledLog.write(to: self.log)
        let lines = try Fixtures.lines(of: self.log)
        let blocks = try ShuffledLog.blocks(of: self.log)
        try #require(blocks.contains { $0.isInOpenFrame } && blocks.contains { !$0.isInOpenFrame })
        for index in blocks.indices {
            let segment = blocks[index].segment
            let right = try Fixtures.bytes(of: segment)
            for change in ShuffledLog.Change.allCases {
                guard let place = try ShuffledLog.apply(change, to: index, of: blocks) else { continue }
                let finding = try self.verify().findings.first
                #expect(finding?.segment == segment.lastComponent?.string, "block \(index) \(change)")
                #expect(
                    finding?.offset.map { place.contains($0) } == true,
                    "block \(index) \(change): \(finding?.text ?? "")"
                )
                #expect(lines.starts(with: self.shownLines()), "block \(index) \(change)")
                try Fixtures.write(right, to: segment)
            }
        }
        #expect(try self.verify().findings.isEmpty)
    }

    @Test("without hashes, the frame's checksum tells which block is too many, or which two have changed places")
    func withoutHashes() throws {
        try ShuffledLog.write(to: self.log, recordsLeaves: false)
        let blocks = try ShuffledLog.blocks(of: self.log)
        for index in blocks.indices where !blocks[index].isInOpenFrame {
            let segment = blocks[index].segment
            let right = try Fixtures.bytes(of: segment)
            for change in ShuffledLog.Change.allCases where change != .dropped {
                guard let place = try ShuffledLog.apply(change, to: index, of: blocks) else { continue }
                let finding = try self.verify().findings.first
                #expect(finding?.status == .damage)
                #expect(
                    finding?.offset.map { place.contains($0) } == true,
                    "block \(index) \(change): \(finding?.text ?? "")"
                )
                try Fixtures.write(right, to: segment)
            }
        }
    }

    @Test("a block that is missing where there are no hashes is found; which one it is, is said not to be known")
    func unknownPlace() throws {
        try ShuffledLog.write(to: self.log, recordsLeaves: false)
        let blocks = try ShuffledLog.blocks(of: self.log)
        var messages: [String] = []
        for index in blocks.indices where !blocks[index].isInOpenFrame {
            let segment = blocks[index].segment
            let right = try Fixtures.bytes(of: segment)
            guard try ShuffledLog.apply(.dropped, to: index, of: blocks) != nil else { continue }
            let finding = try #require(try self.verify().findings.first)
            #expect(finding.status == .damage)
            messages.append(finding.message)
            try Fixtures.write(right, to: segment)
        }
        #expect(messages.contains { $0.contains("is not told: no hashes of these lines were recorded") })
    }

    @Test("where a root vouches for the recorded hashes, it is said to be proved that the line is wrong")
    func proved() throws {
        try ShuffledLog.write(to: self.log)
        let blocks = try ShuffledLog.blocks(of: self.log)
        let segments = try Fixtures.segments(of: self.log)
        var messages: [String] = []
        for index in blocks.indices where blocks[index].segment == segments[0] {
            let right = try Fixtures.bytes(of: segments[0])
            guard try ShuffledLog.apply(.dropped, to: index, of: blocks) != nil else { continue }
            messages += try self.verify().findings.map(\.message)
            try Fixtures.write(right, to: segments[0])
        }
        let name = try #require(segments[1].lastComponent?.string)
        #expect(messages.contains { $0.contains("(rightly, as the root in \(name) proves)") })
    }

    @Test("a hash that is wrong beside lines that a root confirms is a finding of its own, and about no line")
    func damagedHashes() throws {
        try ShuffledLog.write(to: self.log)
        try Fixtures.flip(at: 32 * 4 + 5, of: self.log.appending("hashes").appending("0"))
        let result = try self.verify()
        #expect(result.status == .hashes)
        let finding = try #require(result.findings.first)
        #expect(result.findings.count == 1)
        #expect(finding.segment == "hashes/0")
        #expect(finding.offset == 32 * 4)
        #expect(finding.lines == 5...5)
        #expect(finding.message.contains("keep the folder"), "no signature says that the line is right")
        #expect(self.shownLines() == (try Fixtures.lines(of: self.log)))
    }

    @Test(
        "a wrong hash of a line that no root confirms yet leaves open which of the two is wrong; the line is not shown"
    )
    func undecided() throws {
        try ShuffledLog.write(to: self.log)
        let last = ShuffledLog.lineCount
        try Fixtures.flip(at: 32 * (last - 1), of: self.log.appending("hashes").appending("0"))
        let result = try self.verify()
        #expect(result.status == .hashes)
        #expect(result.findings.first?.lines == UInt64(last)...UInt64(last))
        #expect(result.findings.first?.message.contains("no root behind it tells") == true)
        #expect(self.shownLines() == (try Fixtures.lines(of: self.log)).dropLast())
        #expect(throws: ToolFailure.self) {
            _ = try LogScan(directory: self.log, pause: {}).forEachSoundLine { _ in }
        }
    }

    @Test("hashes that are missing, short or full of holes are no trouble")
    func shortHashes() throws {
        try ShuffledLog.write(to: self.log)
        let path = self.log.appending("hashes").appending("0")
        let right = try Fixtures.bytes(of: path)
        let holes = right.enumerated().map { $0.offset / 32 % 3 == 0 ? 0 : $0.element }
        for bytes in [Array(right.prefix(1000)), [], holes] {
            try Fixtures.write(bytes, to: path)
            #expect(try self.verify().findings.isEmpty)
            #expect(self.shownLines() == (try Fixtures.lines(of: self.log)))
        }
        try FileManager.default.removeItem(atPath: self.log.appending("hashes").string)
        #expect(try self.verify().findings.isEmpty)
    }

    @Test("a checksum that is wrong itself, behind lines that have their hashes, is told from wrong lines")
    func wrongChecksum() throws {
        try ShuffledLog.write(to: self.log)
        let segment = try Fixtures.segments(of: self.log)[0]
        let size = try Fixtures.bytes(of: segment).count
        try Fixtures.flip(at: size - 2, of: segment)
        let finding = try #require(try self.verify().findings.first)
        #expect(finding.status == .damage)
        #expect(finding.offset == UInt64(size - 8))
        #expect(finding.message.contains("every line of it has the hash that was recorded"))
    }

    @Test("following shows what is there as `cat` does, and stops where a line has another hash")
    func following() throws {
        try ShuffledLog.write(to: self.log)
        let lines = try Fixtures.lines(of: self.log)
        var shown: [String] = []
        func follow() throws {
            shown = []
            try LiveTail(self.log, sleep: { false }).forEachLine(
                from: nil,
                through: nil,
                beforePause: {},
                body: { shown.append(String(decoding: $0.bytes, as: UTF8.self)) }
            )
        }
        try follow()
        #expect(shown == lines)
        try Fixtures.flip(at: 32 * 140, of: self.log.appending("hashes").appending("0"))
        #expect(throws: ToolFailure.self) { try follow() }
        #expect(shown == Array(lines.prefix(140)))
    }
}
