import EventLog
import SystemPackage

/// The directory that holds everything a node keeps.
enum DataDirectory {
    /// Makes what is missing of the path, and brings it to the disk.
    static func create(_ directory: FilePath, fileSystem: any FileSystem = PosixFileSystem()) throws {
        var path = FilePath(root: directory.root)
        for component in directory.components {
            let parent = path
            path.append(component)
            if try fileSystem.createDirectory(path) { try fileSystem.syncDirectory(parent.isEmpty ? "." : parent) }
        }
    }
}
