import EventLog
import Foundation
import LogValues
import RawJSON
import SystemPackage

/// Lines as chat makes them: ids and salts that differ, a text of words.
enum SampleLines {
    private static let words = Array(
        "the a harbour at eight we you they boat wind rain bring bread and coffee yes no maybe see soon".split(
            separator: " "
        )
    )

    /// A line's head, from its time on.
    static func appendHead(_ number: Int, to bytes: inout [UInt8]) {
        let id = Self.scattered(number, 1)
        let text =
            #""time":"2026-11-23T23:\#(10 + number / 60_000 % 50):\#(10 + number / 1_000 % 50)."#
            + #"\#(100_000 + number &* 317 % 900_000)Z","type":"message.posted","source":"node-1","data":{"uuid":""#
            + #"\#(id.prefix(8))-41c7-4b86-a1f3-\#(Self.scattered(number, 2).prefix(12))","#
            + #""channel":"room-\#(number % 100)","user":"user-\#(number % 37)"}"#
        bytes.append(contentsOf: text.utf8)
    }

    static func content(_ number: Int) -> LineContent {
        let count = 4 + number % 9
        let text = (0..<count).map { Self.words[Int(Self.mixed(number, 10 + $0) % UInt64(Self.words.count))] }
            .joined(separator: " ")
        let salt = Salt(high: Self.mixed(number, 3), low: Self.mixed(number, 4))
        return LineContent(salt: salt, bytes: Array(#"{"message":{"text":"\#(text)"}}"#.utf8))
    }

    static func batch(_ count: Int, from start: Int) -> LineBatch {
        var batch = LineBatch()
        for number in start..<(start + count) {
            batch.append(content: self.content(number)) { self.appendHead(number, to: &$0) }
        }
        return batch
    }

    /// 16 hexadecimal digits.
    private static func scattered(_ number: Int, _ stream: Int) -> String {
        Hexadecimal.text(self.mixed(number, stream))
    }

    /// SplitMix64 at a place of its own: the same lines in every run, and as hard to compress as random ids are.
    private static func mixed(_ number: Int, _ stream: Int) -> UInt64 {
        var value = (UInt64(number) &* 32 &+ UInt64(stream) &+ 1) &* 0x9E37_79B9_7F4A_7C15
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// A log of sample lines.
enum SampleLog {
    /// Writes a log whose commits hold `commitCount` lines each.
    static func write(lineCount: Int, commitCount: Int, to directory: FilePath) throws {
        var configuration = EventLogConfiguration()
        configuration.durability = .os
        let counter = CommitCounter()
        let (log, _) = try EventLog.open(directory, configuration: configuration)
        log.attach { counter.receive($0) }
        for start in stride(from: 0, to: lineCount, by: commitCount) {
            let batch = SampleLines.batch(min(commitCount, lineCount - start), from: start)
            log.append(batch)
            // The next batch would join this one's commit if it came before that was written.
            counter.wait(until: start + batch.count)
        }
        log.close()
    }

    static func count(_ directory: URL) throws -> Int {
        var count = 0
        try LogReader(FilePath(directory.path)).forEachLine { _ in count += 1 }
        return count
    }

    /// The lines of a log, newlines included.
    static func lines(of directory: FilePath) throws -> [[UInt8]] {
        var lines: [[UInt8]] = []
        try LogReader(directory).forEachLine { lines.append(Array($0.bytes) + [UInt8(ascii: "\n")]) }
        return lines
    }
}

/// Counts the lines that were committed; one thread waits for them.
final class CommitCounter: Sendable {
    private let condition = NSCondition()
    /// `nonisolated(unsafe)` is right: it is touched while `condition` is locked only.
    nonisolated(unsafe) private var count = 0

    func receive(_ report: CommitReport) {
        self.condition.lock()
        defer { self.condition.unlock() }
        switch report {
        case .committed(let commit): unsafe self.count += commit.lineCount
        // Whoever waits gets on, and finds what went wrong in the log.
        case .failed: unsafe self.count = .max
        }
        self.condition.signal()
    }

    func wait(until total: Int) {
        self.condition.lock()
        defer { self.condition.unlock() }
        while unsafe self.count < total { self.condition.wait() }
    }
}
