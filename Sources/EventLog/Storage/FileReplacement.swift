import SystemPackage

/// A file that is written aside and then takes its place whole: at every moment there is the old one or the new one.
///
/// If it is not finished, the place is as it was, and what was written stays under the other name.
struct FileReplacement: ~Copyable {
    static let suffix = ".tmp"

    /// The new file, to be written.
    let file: OpenFile
    private let path: FilePath
    private let fileSystem: any FileSystem

    private init(_ file: OpenFile, _ path: FilePath, _ fileSystem: any FileSystem) {
        self.file = file
        self.path = path
        self.fileSystem = fileSystem
    }

    deinit { self.fileSystem.close(self.file) }

    /// Begins.
    ///
    /// - Parameters:
    ///   - path: The place.
    ///   - temporary: Where the file is written meanwhile; nil: beside it, where one that a crash has left is written over.
    ///   - fileSystem: Where it is.
    /// - Returns: The file, which is empty.
    /// - Throws: ``EventLogError/fileSystem(_:)``.
    static func begin(
        of path: FilePath,
        at temporary: FilePath? = nil,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) -> FileReplacement {
        let file = try withLogErrors { () throws(FileSystemError) in
            if let temporary { return try fileSystem.open(temporary, .create) }
            return try fileSystem.open(FilePath(path.string + self.suffix), .replace)
        }
        return FileReplacement(file, path, fileSystem)
    }

    /// Gives the file its name, and who had the old one the new one.
    ///
    /// - Parameter syncs: Whether the disk has it first; false for what is made anew if a power failure takes it.
    /// - Throws: ``EventLogError/fileSystem(_:)``.
    consuming func finish(syncs: Bool = true) throws(EventLogError) {
        try withLogErrors { () throws(FileSystemError) in
            try self.fileSystem.adoptOwner(of: self.path, for: self.file)
            if syncs { try self.fileSystem.sync(self.file) }
            try self.fileSystem.rename(self.file.path, to: self.path)
            let folder = self.path.removingLastComponent()
            if syncs { try self.fileSystem.syncDirectory(folder.isEmpty ? "." : folder) }
        }
    }
}
