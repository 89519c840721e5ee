import EventLog
import Logging
import SystemPackage

/// The directory that holds everything a node keeps.
enum DataDirectory {
    /// Why a path cannot be one.
    enum Failure: Error, Equatable, CustomStringConvertible {
        case notADirectory(FilePath, at: FilePath)

        var description: String {
            switch self {
            case .notADirectory(let directory, let path):
                "data_dir \(directory): \(path) is a file, no directory; name another path"
            }
        }
    }

    /// Makes what is missing of the path, and brings it to the disk.
    ///
    /// - Throws: ``Failure``; `EventLogError.misplacedSegments` if segments stand in it as if it were its folder `log`: a
    ///   new log would be begun beside them.
    static func create(_ directory: FilePath, fileSystem: any FileSystem = PosixFileSystem()) throws {
        var path = FilePath(root: directory.root)
        for component in directory.components {
            let parent = path
            path.append(component)
            do throws(FileSystemError) {
                if try fileSystem.createDirectory(path) {
                    try fileSystem.syncDirectory(parent.isEmpty ? "." : parent)
                }
            } catch {
                guard error.operation == .createDirectory, error.code == .notDirectory else { throw error }
                throw Failure.notADirectory(directory, at: error.path)
            }
        }
        try SegmentCatalog.refuseMisplaced(in: directory, fileSystem)
    }

    /// Says so if others than its owner may enter it.
    ///
    /// Not an error: a platform may set group bits at each mount (`fsGroup` of Kubernetes), and an operator may want a group
    /// to read it. Whatever is made in it is its owner's alone.
    static func warnOfMode(_ directory: FilePath, fileSystem: any FileSystem = PosixFileSystem(), _ logger: Logger) {
        guard let mode = try? fileSystem.status(of: directory).permissions, mode & 0o077 != 0 else { return }
        let digits = String(mode & 0o777, radix: 8)
        logger.warning(
            "others than its owner may enter the data directory, and read older files in it; chmod 700 closes it",
            metadata: ["directory": "\(directory)", "mode": "0\(digits)"]
        )
    }
}
