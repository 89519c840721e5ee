package import LogValues
import SystemPackage

/// A snapshot as it comes in from another node, in a file of its own until all of it is there and is what was signed.
///
/// The file stands beside the folder of snapshots, so that nobody takes it for one, and stays over a restart, so that a
/// transfer goes on at the byte where it ended. One thread at a time.
package struct ShippedSnapshot: Sendable {
    package static let fileName = "incoming-snapshot"

    private let store: SnapshotStore
    private let note: SnapshotNote

    /// - Parameters:
    ///   - note: What the other node has signed of it.
    ///   - store: Where it goes.
    package init(_ note: SnapshotNote, into store: SnapshotStore) {
        self.note = note
        self.store = store
    }

    private var path: FilePath { self.store.directory.appending(Self.fileName) }
    private var fileSystem: any FileSystem { self.store.fileSystem }

    /// Bytes that have come in: where the transfer goes on.
    package func sizeBytes() throws(EventLogError) -> UInt64 {
        do throws(FileSystemError) {
            let file = try self.fileSystem.open(self.path, .read)
            defer { self.fileSystem.close(file) }
            return try self.fileSystem.size(file)
        } catch {
            guard error.isNotFound else { throw .fileSystem(error) }
            return 0
        }
    }

    /// Takes bytes that stand at ``sizeBytes()`` in the other node's file.
    package func append(_ bytes: Bytes) throws(EventLogError) {
        let offset = try self.sizeBytes()
        try withLogErrors { () throws(FileSystemError) in
            let file = try self.fileSystem.open(self.path, offset == 0 ? .replace : .readAndWrite)
            defer { self.fileSystem.close(file) }
            try self.fileSystem.writeAll(file, bytes, at: offset)
        }
    }

    /// Puts the snapshot in its place, if what came in is what was signed.
    ///
    /// - Returns: False if it is not: what came in is gone then, and the transfer has to begin anew.
    /// - Throws: ``EventLogError/fileSystem(_:)``.
    package func finish() throws(EventLogError) -> Bool {
        let (size, digest) = try SnapshotShipment.digest(of: self.path, self.fileSystem)
        guard size == self.note.sizeBytes, digest == self.note.digest else {
            try self.forget()
            return false
        }
        try withLogErrors { () throws(FileSystemError) in
            let file = try self.fileSystem.open(self.path, .readAndWrite)
            defer { self.fileSystem.close(file) }
            try self.fileSystem.sync(file)
        }
        try self.store.adopt(self.path, as: self.note.name)
        return true
    }

    /// Drops what came in.
    package func forget() throws(EventLogError) {
        do throws(FileSystemError) {
            try self.fileSystem.remove(self.path)
        } catch {
            guard error.isNotFound else { throw .fileSystem(error) }
        }
    }
}
