import EventLog
import Foundation
import LogValues
import SystemPackage
import TestSupport

@testable import channelstream_log

/// A log of messages of one length, one to a commit, whose blocks decode to lines in order in many another order too.
///
/// The numbers of the lines are copied from earlier ones, as are most of the bytes; and the last frame is open.
struct ShuffledLog {
    /// Where a block stands in its file.
    struct Block {
        let segment: FilePath
        let start: Int
        let end: Int
        /// Whether the frame has no end.
        let isInOpenFrame: Bool

        var size: Int { self.end - self.start }
    }

    /// What is done to a block.
    enum Change: String, CaseIterable {
        case dropped
        case doubled
        case swapped
        /// A block of another segment is put in front of it.
        case intruded
    }

    static let lineCount = 150

    static func write(to directory: FilePath, recordsLeaves: Bool = true) throws {
        var configuration = TestLog.configuration(segmentSizeBytes: 24_000)
        configuration.leafRecording = recordsLeaves ? .always : .never
        let log = try TestLog(PosixFileSystem(), configuration, directory: directory)
        var generator = SeededGenerator(seed: 7)
        for number in 1...Self.lineCount { log.commit(Self.message(number, &generator)) }
        // Let go of as by a process that dies.
    }

    private static func message(_ number: Int, _ generator: inout SeededGenerator) -> LineBatch {
        func digits(_ count: Int) -> String {
            (0..<count).map { _ in String(Int.random(in: 0...15, using: &generator), radix: 16) }.joined()
        }
        var batch = LineBatch()
        let text = "{\"message\":{\"text\":\"words that are the same in all of them \(digits(8))\"}}"
        let salt = Salt(high: generator.next(), low: generator.next())
        batch.append(content: LineContent(salt: salt, bytes: Array(text.utf8))) { head in
            head.append(
                contentsOf: Fixtures.head(
                    "message.posted",
                    "{\"uuid\":\"\(digits(8))-\(digits(4))-4\(digits(3))-8\(digits(3))-\(digits(12))\",\"channel\":\"room\","
                        + "\"user\":\"alice\"}"
                ).utf8
            )
        }
        return batch
    }

    /// All blocks, by the frames' own structure (LZ4 frame format, "General Structure").
    static func blocks(of directory: FilePath) throws -> [Block] {
        var blocks: [Block] = []
        for segment in try Fixtures.segments(of: directory) {
            let bytes = try Fixtures.bytes(of: segment)
            var inFrame: [(Int, Int)] = []
            var at = 7
            func take(isOpen: Bool) {
                blocks += inFrame.map { Block(segment: segment, start: $0.0, end: $0.1, isInOpenFrame: isOpen) }
                inFrame = []
            }
            while at + 4 <= bytes.count {
                let size = (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } & 0x7FFF_FFFF
                if size == 0 {
                    take(isOpen: false)
                    at += 8 + 7
                } else {
                    inFrame.append((at, at + 8 + size))
                    at += 8 + size
                }
            }
            take(isOpen: true)
        }
        return blocks
    }

    /// Changes one block's place.
    ///
    /// - Returns: From where to where in the file the damage may be said to be; nil if that cannot be done to it, or is
    ///   no change.
    static func apply(_ change: Change, to index: Int, of blocks: [Block]) throws -> ClosedRange<UInt64>? {
        let block = blocks[index]
        let next = index + 1 < blocks.count && blocks[index + 1].segment == block.segment ? blocks[index + 1] : nil
        var bytes = try Fixtures.bytes(of: block.segment)
        let part = Array(bytes[block.start..<block.end])
        var end = next?.end ?? bytes.count
        switch change {
        case .dropped:
            // The end of an open frame is where a log may end.
            guard let next, next.start == block.end else { return nil }
            bytes.removeSubrange(block.start..<block.end)
        case .doubled:
            bytes.insert(contentsOf: part, at: block.end)
            end += part.count
        case .swapped:
            guard let next, next.start == block.end else { return nil }
            bytes.replaceSubrange(block.start..<next.end, with: Array(bytes[next.start..<next.end]) + part)
        case .intruded:
            guard
                let other = blocks.first(where: { $0.segment != block.segment && $0.size == block.size })
                    ?? blocks.first(where: { $0.segment != block.segment })
            else { return nil }
            let foreign = Array(try Fixtures.bytes(of: other.segment)[other.start..<other.end])
            bytes.insert(contentsOf: foreign, at: block.start)
            end = block.end + foreign.count
        }
        try Fixtures.write(bytes, to: block.segment)
        return UInt64(block.start)...UInt64(end)
    }
}
