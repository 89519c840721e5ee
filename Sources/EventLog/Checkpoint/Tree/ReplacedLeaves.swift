import LogValues
import SystemPackage

/// Keeps leaf hashes that a log's lines do not have before they are written over: the start takes the side of the lines, and
/// whoever looks into it later must be able to see what stood against them.
///
///     hashes/0.00000000000000001201.replaced      the hashes that stood in `hashes/0`, from line 1201 on, 32 bytes each
enum ReplacedLeaves {
    private static let suffix = ".replaced"

    /// Copies hashes of these lines, and has the disk take the copy.
    ///
    /// - Returns: The file's path in the data directory.
    static func keep(
        _ lines: ClosedRange<UInt64>,
        in directory: FilePath,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) -> String {
        let folder = directory.appending(HashTree.folderName)
        let digits = String(lines.lowerBound)
        let base = "0." + String(repeating: "0", count: 20 - digits.count) + digits
        var name = base + self.suffix
        var number = 2
        while fileSystem.exists(folder.appending(name)) {
            name = "\(base).\(number)\(self.suffix)"
            number += 1
        }
        let size = UInt64(Hash256.byteCount)
        let path = folder.appending(name)
        try withLogErrors { () throws(FileSystemError) in
            let source = try fileSystem.open(folder.appending("0"), .read)
            defer { fileSystem.close(source) }
            let copy = try fileSystem.open(path, .create)
            defer { fileSystem.close(copy) }
            let range = (lines.lowerBound - 1) * size..<lines.upperBound * size
            try fileSystem.copyBytes(range, from: source, to: copy)
            try fileSystem.sync(copy)
            try fileSystem.syncDirectory(folder)
        }
        return "\(HashTree.folderName)/\(name)"
    }

    /// Keeps the hashes of these lines, which are all that there are, and empties the file.
    ///
    /// - Returns: The copy's path in the data directory.
    static func setAside(
        _ lines: ClosedRange<UInt64>,
        in directory: FilePath,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) -> String {
        let kept = try self.keep(lines, in: directory, fileSystem)
        try withLogErrors { () throws(FileSystemError) in
            let path = directory.appending(HashTree.folderName).appending("0")
            let file = try fileSystem.open(path, .readAndWrite)
            defer { fileSystem.close(file) }
            try fileSystem.truncate(file, to: 0)
            try fileSystem.sync(file)
        }
        return kept
    }
}
