import EventLog
import SystemPackage

/// The directory that holds everything a node keeps.
enum DataDirectory {
    /// Makes what is missing of the path, with access for the owner only where it makes something.
    static func create(_ directory: FilePath, fileSystem: any FileSystem = PosixFileSystem()) throws {
        var path = FilePath(root: directory.root)
        for component in directory.components {
            path.append(component)
            _ = try fileSystem.createDirectory(path)
        }
    }
}
