import EventLog
import SystemPackage

/// Small files, written and read whole.
enum TextFile {
    static let sizeLimit = 16 << 20

    /// - Throws: ``ToolFailure`` if the file cannot be written.
    static func write(_ bytes: [UInt8], to path: FilePath) throws {
        let fileSystem = PosixFileSystem()
        do {
            let file = try fileSystem.open(path, .replace)
            defer { fileSystem.close(file) }
            var written = 0
            while written < bytes.count {
                written += try bytes.withUnsafeBytes { bytes throws(FileSystemError) in
                    try fileSystem.write(
                        file,
                        UnsafeRawBufferPointer(rebasing: bytes[written...]),
                        at: UInt64(written)
                    )
                }
            }
            try fileSystem.sync(file)
        } catch {
            throw ToolFailure(.unreadable, "\(error)")
        }
    }

    /// - Parameters:
    ///   - path: The file.
    ///   - limit: Larger than anything that is meant, in bytes.
    /// - Returns: What it holds.
    /// - Throws: ``ToolFailure`` if the file cannot be read, or is larger than `limit`.
    static func read(_ path: FilePath, limit: Int = TextFile.sizeLimit) throws -> [UInt8] {
        let fileSystem = PosixFileSystem()
        do {
            let file = try fileSystem.open(path, .read)
            defer { fileSystem.close(file) }
            let size = try fileSystem.size(file)
            guard size <= UInt64(limit) else { throw ToolFailure(.unreadable, "\(path): too large") }
            var bytes = [UInt8](repeating: 0, count: Int(size))
            var count = 0
            while count < bytes.count {
                let got = try bytes.withUnsafeMutableBytes { bytes throws(FileSystemError) in
                    try fileSystem.read(
                        file,
                        into: UnsafeMutableRawBufferPointer(rebasing: bytes[count...]),
                        at: UInt64(count)
                    )
                }
                guard got > 0 else { break }
                count += got
            }
            return Array(bytes[..<count])
        } catch let failure as ToolFailure {
            throw failure
        } catch {
            throw ToolFailure(.unreadable, "\(error)")
        }
    }
}
