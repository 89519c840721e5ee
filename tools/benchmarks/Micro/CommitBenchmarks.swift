import EventLog
import Foundation
import SystemPackage

/// Lines a second through the whole log (numbering, hashing, compressing, writing), by durability and by the time that
/// a sync takes.
///
/// With enough lines on their way the sync's time must not matter: the next commit gathers meanwhile.
func commitBenchmarks() throws {
    let cases: [(name: String, Durability, syncTime: Duration)] = [
        ("commit.os", .os, .zero),
        ("commit.interval-100ms-sync-4ms", .interval(.milliseconds(100)), .milliseconds(4)),
        ("commit.always-sync-0ms", .always, .zero),
        ("commit.always-sync-1ms", .always, .milliseconds(1)),
        ("commit.always-sync-4ms", .always, .milliseconds(4)),
    ]
    for (name, durability, syncTime) in cases where Benchmark.runs(name) {
        try commitBenchmark(name, durability, syncTime: syncTime)
    }
}

private func commitBenchmark(_ name: String, _ durability: Durability, syncTime: Duration) throws {
    let batches = (0..<400).map { SampleLines.batch(100, from: $0 * 100) }
    try Scratch.withFolder("commit") { folder in
        let counter = CommitCounter()
        var configuration = EventLogConfiguration()
        configuration.durability = durability
        let (log, _) = try EventLog.open(
            FilePath(folder.appendingPathComponent("hub").path),
            configuration: configuration,
            fileSystem: SlowFileSystem(syncTime: syncTime)
        ) {
            counter.receive($0)
        }
        var total = 0
        Benchmark.rate(name, of: "lines", settings: "100 a batch, 100 batches on their way", rounds: 5) {
            for (index, batch) in batches.enumerated() {
                log.append(batch)
                if index >= 100 { counter.wait(until: total + (index - 100 + 1) * 100) }
            }
            total += batches.count * 100
            counter.wait(until: total)
            return batches.count * 100
        }
        log.close()
    }
}

/// The operating system's files, with a sync that takes as long as it is told to, and no longer.
private struct SlowFileSystem: FileSystem {
    let syncTime: Duration
    private let files = PosixFileSystem()

    init(syncTime: Duration) { self.syncTime = syncTime }

    func sync(_ file: OpenFile) throws(FileSystemError) {
        if self.syncTime > .zero { PosixClock.sleep(for: self.syncTime) }
    }

    func syncDirectory(_ path: FilePath) throws(FileSystemError) {}

    func createDirectory(_ path: FilePath) throws(FileSystemError) -> Bool { try self.files.createDirectory(path) }
    func list(_ directory: FilePath) throws(FileSystemError) -> [String] { try self.files.list(directory) }
    func open(_ path: FilePath, _ access: FileAccess) throws(FileSystemError) -> OpenFile {
        try self.files.open(path, access)
    }
    func size(_ file: OpenFile) throws(FileSystemError) -> UInt64 { try self.files.size(file) }
    func read(
        _ file: OpenFile,
        into buffer: UnsafeMutableRawBufferPointer,
        at offset: UInt64
    ) throws(FileSystemError) -> Int {
        try self.files.read(file, into: buffer, at: offset)
    }
    func write(_ file: OpenFile, _ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(FileSystemError) -> Int {
        try self.files.write(file, bytes, at: offset)
    }
    func truncate(_ file: OpenFile, to size: UInt64) throws(FileSystemError) { try self.files.truncate(file, to: size) }
    func close(_ file: OpenFile) { self.files.close(file) }
    func rename(_ path: FilePath, to target: FilePath) throws(FileSystemError) {
        try self.files.rename(path, to: target)
    }
    func remove(_ path: FilePath) throws(FileSystemError) { try self.files.remove(path) }
    func lock(_ path: FilePath) throws(FileSystemError) -> OpenFile? { try self.files.lock(path) }
}
