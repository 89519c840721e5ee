import EventLog
import Foundation
import LogValues
import SystemPackage

/// From an event's bytes to a log's: encoding, hashing, compressing, each alone.
func logBenchmarks() throws {
    if Benchmark.runs("line.") { lineBenchmarks() }
    if Benchmark.runs("merkle.") { merkleBenchmarks() }
    if Benchmark.runs("lz4.") { try compressionBenchmarks() }
}

private func lineBenchmarks() {
    Benchmark.rate("line.encode", of: "lines", settings: "a batch of 100, commitments computed") {
        for start in 0..<100 { precondition(SampleLines.batch(100, from: start * 100).count == 100, "a line each") }
        return 10_000
    }
}

private func merkleBenchmarks() {
    let lines = (0..<10_000).map { number in
        var line: [UInt8] = []
        SampleLines.appendHead(number, to: &line)
        return line
    }
    let leaves = lines.map { Hash256.leaf($0.span) }
    Benchmark.rate("merkle.leaf", of: "lines", settings: "SHA-256 of \(lines[5_000].count) bytes") {
        for line in lines { _ = Hash256.leaf(line.span) }
        return lines.count
    }
    Benchmark.rate("merkle.append", of: "leaves", settings: "to a frontier") {
        var frontier = Frontier()
        for leaf in leaves { frontier.append(leaf: leaf) }
        precondition(frontier.size == UInt64(leaves.count), "every leaf is in the tree")
        return leaves.count
    }
}

private func compressionBenchmarks() throws {
    let lines = try Scratch.withFolder("log") { folder in
        let directory = FilePath(folder.appendingPathComponent("hub").path)
        try SampleLog.write(lineCount: 10_000, commitCount: 1_000, to: directory)
        return try SampleLog.lines(of: directory)
    }
    let size = lines.reduce(0) { $0 + $1.count }
    for count in [1, 10, 100] {
        let commits = stride(from: 0, to: lines.count, by: count).map { Array(lines[$0..<($0 + count)].joined()) }
        try Benchmark.throughput(
            "lz4.write-\(count)-a-commit",
            settings: "10,000 lines of \(size / 10_000) bytes, linked blocks, a flush a commit"
        ) {
            var writer = try LZ4FrameWriter()
            for commit in commits { try writer.block(commit.span) }
            try writer.end()
            return size
        }
    }
    try readBenchmark()
}

/// Reads a log that is in the page cache: frames, checksums, lines and their numbers.
private func readBenchmark() throws {
    try Scratch.withFolder("log") { folder in
        let directory = FilePath(folder.appendingPathComponent("hub").path)
        try SampleLog.write(lineCount: 10_000, commitCount: 100, to: directory)
        let reader = LogReader(directory)
        try Benchmark.throughput("lz4.read-log", settings: "10,000 lines, 100 a commit, checksums and numbers checked")
        {
            var size = 0
            try reader.forEachLine { size += $0.bytes.count }
            return size
        }
    }
}
