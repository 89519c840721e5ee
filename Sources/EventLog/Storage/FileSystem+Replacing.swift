package import SystemPackage

extension FileSystem {
    /// Puts a small file in place as a whole: at every moment there is the old one or the new one.
    ///
    /// - Parameters:
    ///   - path: The file; beside it `….tmp` is used.
    ///   - bytes: All that it is to hold.
    ///   - syncs: Whether the disk has it before it has its name.
    /// - Throws: ``EventLogError/fileSystem(_:)``.
    package func replaceFile(at path: FilePath, with bytes: [UInt8], syncs: Bool = true) throws(EventLogError) {
        let replacement = try FileReplacement.begin(of: path, self)
        let file = replacement.file
        try withLogErrors { () throws(FileSystemError) in try self.writeAll(file, bytes, at: 0) }
        try replacement.finish(syncs: syncs)
    }

    /// Gives a file that is to take another's place its owner and its mode, if the other is there: who could read and
    /// write that one can read and write this one, whoever wrote it.
    package func adoptOwner(of path: FilePath, for file: OpenFile) throws(FileSystemError) {
        guard let status = try self.statusIfThere(of: path) else { return }
        try self.setOwner(status, of: file)
    }

    /// Tells about a file; nil if there is none.
    package func statusIfThere(of path: FilePath) throws(FileSystemError) -> FileStatus? {
        do throws(FileSystemError) {
            return try self.status(of: path)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    /// Whether the path that a file was opened by still leads to it: not if its name was taken away, or another file has
    /// it now, although whoever has it open can go on writing.
    func isInPlace(_ file: OpenFile, _ identity: FileStatus.Identity) throws(FileSystemError) -> Bool {
        try self.statusIfThere(of: file.path)?.identity == identity
    }

    /// Finds where the bytes of a file stand that is to be replaced: the end of the chain, if the path is a symbolic link.
    ///
    /// Who renames a new file over a link leaves the old bytes where they are.
    func placeOfBytes(of path: FilePath) throws(FileSystemError) -> FilePath {
        try self.linkTarget(of: path) ?? path
    }

    /// Takes a file's name away, and, if it is a symbolic link, first what it leads to: what is to be gone is gone.
    func removeWithBytes(_ path: FilePath) throws(FileSystemError) {
        do throws(FileSystemError) {
            if let place = try self.linkTarget(of: path) { try self.remove(place) }
        } catch {
            // A link that leads nowhere.
            guard error.isNotFound else { throw error }
        }
        try self.remove(path)
    }

    /// Brings a directory's entries to the disk, where the file system can do that.
    ///
    /// Some cannot, and say so with EINVAL or ENOTSUP (CIFS, 9p, some of FUSE): there this does nothing. Who rests a
    /// promise on it asks ``canSyncDirectory(_:)`` first.
    package func syncDirectory(_ path: FilePath) throws(FileSystemError) {
        _ = try self.canSyncDirectory(path)
    }

    /// Brings a directory's entries to the disk; false if the file system cannot do that with any directory.
    package func canSyncDirectory(_ path: FilePath) throws(FileSystemError) -> Bool {
        do throws(FileSystemError) {
            try self.flushDirectory(path)
            return true
        } catch {
            guard error.code == .invalidArgument || error.code == .notSupported else { throw error }
            return false
        }
    }
}
