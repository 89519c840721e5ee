import EventLog
import Foundation
import LogValues
import Synchronization
import SystemPackage

/// What a commit costs, and that throughput at `always` does not depend on how long a sync takes.
///
/// So many lines are in flight as callers wait for theirs: with few of them the sync's time is the limit (64 lines every
/// 4 ms are 16,000/s whatever the program does), with many the commits grow until the processor is.
func commitBenchmarks() throws {
    for milliseconds in [0, 1, 4] {
        for inFlight in [64, 1024, 8192, 32_768] {
            let name = "commit.always.sync-\(milliseconds)ms.in-flight-\(inFlight)"
            try commitRate(name, .always, sync: .milliseconds(milliseconds), inFlight: inFlight)
        }
    }
    try commitRate("commit.os.in-flight-64", .os, sync: .zero, inFlight: 64)
    try commitAtOnceRate()
}

private func commitRate(_ name: String, _ durability: Durability, sync: Duration, inFlight: Int) throws {
    guard Benchmark.runs(name) else { return }
    let folder = try BenchmarkFolder()
    defer { folder.remove() }
    var configuration = EventLogConfiguration()
    configuration.durability = durability
    let free = DispatchSemaphore(value: inFlight)
    let (log, _) = try EventLog.open(
        folder.path,
        configuration: configuration,
        fileSystem: DelayedSyncFileSystem(delay: sync)
    )
    log.attach { report in
        // `fatalError` is right: without the commit there is no figure, and nobody here to answer to.
        guard case .committed(let commit) = report else { fatalError("the disk failed: \(report)") }
        for _ in 0..<commit.lineCount { free.signal() }
    }
    let batch = LineBatch.message
    Benchmark.rate(name, of: "lines", settings: "one line a batch, 280 bytes") {
        // About a quarter of a second, whatever the disk takes.
        let end = ContinuousClock.now + .milliseconds(250)
        var count = 0
        while ContinuousClock.now < end {
            for _ in 0..<64 {
                free.wait()
                log.append(batch)
            }
            count += 64
        }
        return count
    }
    log.close()
}

private func commitAtOnceRate() throws {
    guard Benchmark.runs("commit.os.at-once") else { return }
    let folder = try BenchmarkFolder()
    defer { folder.remove() }
    var configuration = EventLogConfiguration()
    configuration.durability = .os
    let (log, _) = try EventLog.open(folder.path, configuration: configuration)
    let batch = LineBatch.message
    Benchmark.rate("commit.os.at-once", of: "commits", settings: "one line each, 280 bytes, on the caller's thread") {
        for _ in 0..<10_000 { _ = log.appendOrCommit(batch) }
        return 10_000
    }
    log.close()
}

extension LineBatch {
    /// One line, like that of a message.
    fileprivate static var message: LineBatch {
        var batch = LineBatch()
        let text = #"{"message":{"text":"\#(String(repeating: "words ", count: 10))"}}"#
        let content = LineContent(salt: Salt(high: 1, low: 2), bytes: Array(text.utf8))
        batch.append(content: content) { head in
            head += Array(
                #""time":"2026-11-23T23:10:11.123456Z","type":"message.posted","source":"node","data":{"#.utf8
            )
            head += Array(#""uuid":"22222222-2222-4222-8222-222222222222","channel":"room","user":"alice"}"#.utf8)
        }
        return batch
    }
}

/// A folder that is made for one benchmark.
private struct BenchmarkFolder {
    let path: FilePath

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("benchmark-\(UUID().uuidString)")
        self.path = FilePath(url.path)
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: self.path.string)
    }
}
