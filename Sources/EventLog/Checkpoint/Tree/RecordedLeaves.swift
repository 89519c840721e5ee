package import LogValues
package import SystemPackage

/// The leaf hashes beside a log (`hashes/0`), to hold the log's lines against: the first line that has another hash than
/// was recorded is the first that is not what was written.
///
/// They are a cache that anything may have happened to: a hash that is not there is no trouble, and one that differs
/// accuses the line only if a root, or the line that belongs there, speaks for the hash. Asked for in ascending order
/// they cost one `read` for each 2,048. One thread at a time.
package final class RecordedLeaves {
    private static let windowCount: UInt64 = 2048

    private let fileSystem: any FileSystem
    private let path: FilePath
    private var file: OpenFile?
    /// Hashes of the lines from `windowStart` on, counted from 0.
    private var window: [UInt8] = []
    private var windowStart: UInt64 = 0
    /// Behind so many lines the file ended when it was read last.
    private var end = UInt64.max

    /// Opens what there is: perhaps nothing, then no line has a hash.
    package init(in directory: FilePath, fileSystem: any FileSystem = PosixFileSystem()) {
        self.fileSystem = fileSystem
        self.path = directory.appending(HashTree.folderName).appending("0")
        self.refresh()
    }

    deinit {
        if let file = self.file { self.fileSystem.close(file) }
    }

    /// Whether there is a file at all.
    package var isThere: Bool { self.file != nil }

    /// The hash that was recorded for a line; nil if none was.
    ///
    /// A hole in the file reads as zeros, and is no hash.
    package func leaf(of line: SequenceNumber) -> Hash256? {
        guard let file = self.file, line.rawValue > 0, case let index = line.rawValue - 1, index < self.end else {
            return nil
        }
        if index < self.windowStart || index >= self.windowStart + UInt64(self.window.count / Hash256.byteCount) {
            self.load(file, from: index)
        }
        guard index >= self.windowStart, case let start = Int(index - self.windowStart) * Hash256.byteCount,
            start + Hash256.byteCount <= self.window.count
        else { return nil }
        let window = self.window
        let hash = Hash256(bytes: window.span.extracting(start..<start + Hash256.byteCount))
        return hash.flatMap { $0.isZero ? nil : $0 }
    }

    /// Looks at the file anew, which may have grown, or been made.
    package func refresh() {
        self.window.removeAll(keepingCapacity: true)
        self.end = .max
        // What cannot be opened helps as little as what is not there.
        if self.file == nil { self.file = try? self.fileSystem.open(self.path, .read) }
    }

    private func load(_ file: OpenFile, from index: UInt64) {
        self.windowStart = index
        let size = UInt64(Hash256.byteCount)
        let range = index * size..<(index + Self.windowCount) * size
        self.window = (try? self.fileSystem.bytes(range, of: file)) ?? []
        let count = self.window.count / Hash256.byteCount
        if count < Int(Self.windowCount) { self.end = index + UInt64(count) }
    }
}
