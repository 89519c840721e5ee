import Crypto
package import LogValues
import SystemPackage

/// Shows a node's snapshots, and the hashes of dropped lines, to those who begin a copy of its log.
///
/// A value without open files; reading blocks.
package struct SnapshotShipment: Sendable {
    /// A snapshot's file.
    package struct Entry: Sendable, Equatable {
        package let name: SnapshotName
        package let sizeBytes: UInt64
        /// SHA-256 of the file.
        package let digest: Hash256
    }

    private static let readSizeBytes: UInt64 = 1 << 20

    private let store: SnapshotStore

    package init(_ store: SnapshotStore) {
        self.store = store
    }

    /// The newest snapshot, hashed; nil if there is none.
    package func newest() throws(EventLogError) -> Entry? {
        guard let name = try self.store.names().last else { return nil }
        let (size, digest) = try Self.digest(of: self.store.path(of: name), self.store.fileSystem)
        return Entry(name: name, sizeBytes: size, digest: digest)
    }

    /// Reads bytes of a snapshot's file.
    ///
    /// - Parameters:
    ///   - name: Which.
    ///   - offset: Where to begin.
    ///   - limit: Bytes to read at most.
    /// - Returns: The bytes, fewer than the limit only at the file's end; nil if there is no such snapshot, or none any
    ///   more.
    /// - Throws: ``EventLogError/fileSystem(_:)``.
    package func bytes(of name: SnapshotName, from offset: UInt64, limit: UInt64) throws(EventLogError) -> [UInt8]? {
        do throws(FileSystemError) {
            let file = try self.store.fileSystem.open(self.store.path(of: name), .read)
            defer { self.store.fileSystem.close(file) }
            return try self.store.fileSystem.bytes(offset..<offset + limit, of: file)
        } catch {
            guard error.isNotFound else { throw .fileSystem(error) }
            return nil
        }
    }

    /// The size of a file, and the SHA-256 of its bytes.
    static func digest(
        of path: FilePath,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) -> (sizeBytes: UInt64, digest: Hash256) {
        try withLogErrors { () throws(FileSystemError) in
            let file = try fileSystem.open(path, .read)
            defer { fileSystem.close(file) }
            var hasher = SHA256()
            var size: UInt64 = 0
            while true {
                let part = try fileSystem.bytes(size..<size + self.readSizeBytes, of: file)
                guard !part.isEmpty else { return (size, Hash256(hasher.finalize())) }
                hasher.update(part.span)
                size += UInt64(part.count)
            }
        }
    }
}
