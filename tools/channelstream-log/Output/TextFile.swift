import EventLog
import SystemPackage

/// Small files, written and read whole.
enum TextFile {
    static let sizeLimit = 16 << 20

    /// Who asked for the file decides who may read it, by the umask and by the place.
    ///
    /// - Throws: ``ToolFailure`` if the file cannot be written.
    static func write(_ bytes: [UInt8], to path: FilePath) throws {
        do {
            let file = try FileDescriptor.open(
                path,
                .writeOnly,
                options: [.create, .truncate, .closeOnExec],
                permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite]
            )
            try file.closeAfter {
                _ = try file.writeAll(bytes)
                try PosixFileSystem().sync(OpenFile(descriptor: file.rawValue, path: path))
            }
        } catch let error as Errno {
            throw ToolFailure(.unreadable, "write \(path): \(error)")
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
            return try fileSystem.bytes(0..<size, of: file)
        } catch let failure as ToolFailure {
            throw failure
        } catch {
            throw ToolFailure(.unreadable, "\(error)")
        }
    }
}
