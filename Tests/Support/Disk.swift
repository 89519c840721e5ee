package import SystemPackage

/// What a disk in memory holds: what the running system sees, and what of it has been synced.
package struct Disk: Sendable {
    private struct Node: Sendable {
        var bytes: [UInt8] = []
        var synced: [UInt8] = []
    }

    /// What becomes of bytes that were not synced when the power fails.
    package enum Loss: Sendable, CaseIterable {
        /// All are gone, and so are names that were not synced.
        case everything
        /// A part of what was appended is there.
        case partly
        /// All of it has its size, but a part was never written: zeros.
        case zeroed
        /// All of it has its size, but a part is something else.
        case noise
    }

    private var nodes: [Node] = []
    // Paths as text: taking a `FilePath` apart is most of a test's time without optimization.
    private var directories: Set<String> = []
    private var entries: [String: Int] = [:]
    private var syncedEntries: [String: Int] = [:]

    package init() {}

    /// The paths of all files, in order.
    package var paths: [FilePath] { self.entries.keys.sorted().map { FilePath($0) } }

    /// A file's bytes.
    ///
    /// Setting them is damage done behind the program's back: it counts as synced; nil removes the file.
    package subscript(path: FilePath) -> [UInt8]? {
        get { self.entries[path.string].map { self.nodes[$0].bytes } }
        set {
            guard let newValue else {
                self.entries[path.string] = nil
                self.syncedEntries[path.string] = nil
                return
            }
            let node = self.entries[path.string] ?? self.makeFile(at: path)
            self.nodes[node] = Node(bytes: newValue, synced: newValue)
            self.syncedEntries[path.string] = node
        }
    }

    /// How many of a file's bytes were synced.
    package func syncedSizeBytes(of path: FilePath) -> Int {
        self.entries[path.string].map { self.nodes[$0].synced.count } ?? 0
    }

    /// Appends to a file as a program does that dies before it syncs.
    package mutating func append(_ bytes: [UInt8], to path: FilePath) {
        guard let node = self.entries[path.string] else { return }
        self.nodes[node].bytes += bytes
    }

    /// The disk after the power failed.
    package func afterPowerFailure(
        _ loss: Loss,
        using generator: inout some RandomNumberGenerator
    ) -> Disk {
        var disk = self
        disk.entries = loss == .everything ? self.syncedEntries : self.entries
        for (index, node) in self.nodes.enumerated() where node.bytes != node.synced {
            let kept = node.synced.count
            var bytes = node.bytes.count >= kept ? node.bytes : node.synced
            switch loss {
            case .everything:
                bytes = node.synced
            case .partly:
                bytes.removeLast(Int.random(in: 0...max(bytes.count - kept, 0), using: &generator))
            case .zeroed, .noise:
                guard bytes.count > kept else { break }
                let start = Int.random(in: kept..<bytes.count, using: &generator)
                for position in start..<Int.random(in: start + 1...bytes.count, using: &generator) {
                    bytes[position] = loss == .zeroed ? 0 : UInt8.random(in: .min ... .max, using: &generator)
                }
            }
            disk.nodes[index] = Node(bytes: bytes, synced: bytes)
        }
        disk.syncedEntries = disk.entries
        return disk
    }
}

/// What a file system does to its disk.
extension Disk {
    func node(at path: FilePath) -> Int? { self.entries[path.string] }

    /// Nil if there is no such directory.
    func names(in directory: FilePath) -> [String]? {
        let directory = directory.string
        guard self.directories.contains(directory) else { return nil }
        return (Array(self.entries.keys) + Array(self.directories))
            .filter { Self.isEntry($0, of: directory) }.map { String($0.dropFirst(directory.utf8.count + 1)) }
    }

    private static func isEntry(_ path: String, of directory: String) -> Bool {
        path.hasPrefix(directory + "/") && !path.dropFirst(directory.utf8.count + 1).contains("/")
    }

    func bytes(of node: Int) -> [UInt8] { self.nodes[node].bytes }

    mutating func makeDirectory(_ path: FilePath) -> Bool { self.directories.insert(path.string).inserted }

    mutating func makeFile(at path: FilePath) -> Int {
        self.nodes.append(Node())
        self.entries[path.string] = self.nodes.count - 1
        return self.nodes.count - 1
    }

    /// In one piece each: without optimization, and with the thread sanitizer above all, a call for each byte is most of a
    /// test's time.
    mutating func write(_ bytes: ArraySlice<UInt8>, to node: Int, at offset: Int) {
        let size = self.nodes[node].bytes.count
        if offset > size { self.nodes[node].bytes.append(contentsOf: [UInt8](repeating: 0, count: offset - size)) }
        let overwritten = min(bytes.count, max(size - offset, 0))
        if overwritten > 0 {
            self.nodes[node].bytes.replaceSubrange(offset..<offset + overwritten, with: bytes.prefix(overwritten))
        }
        self.nodes[node].bytes.append(contentsOf: bytes.dropFirst(overwritten))
    }

    mutating func truncate(_ node: Int, to size: Int) {
        self.nodes[node].bytes.removeLast(max(0, self.nodes[node].bytes.count - size))
    }

    mutating func sync(_ node: Int) {
        self.nodes[node].synced = self.nodes[node].bytes
    }

    mutating func rename(_ path: FilePath, to target: FilePath) -> Bool {
        guard let node = self.entries.removeValue(forKey: path.string) else { return false }
        self.entries[target.string] = node
        return true
    }

    /// The name comes back after a power failure unless its directory was synced.
    mutating func remove(_ path: FilePath) -> Bool {
        self.entries.removeValue(forKey: path.string) != nil
    }

    mutating func syncDirectory(_ path: FilePath) {
        let directory = path.string
        self.syncedEntries = self.syncedEntries.filter { !Self.isEntry($0.key, of: directory) }
        self.syncedEntries.merge(self.entries.filter { Self.isEntry($0.key, of: directory) }) { _, new in new }
    }
}
