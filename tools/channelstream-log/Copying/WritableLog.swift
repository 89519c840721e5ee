import EventLog
import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What has to be known before a log is opened for writing.
enum WritableLog {
    /// The settings to open a log with: as durable as its file system can be.
    ///
    /// - Throws: ``EventLogError`` if the directory cannot be looked at.
    static func configuration(
        for directory: FilePath,
        leafRecording: EventLogConfiguration.LeafRecording = .never
    ) throws(EventLogError) -> EventLogConfiguration {
        var configuration = EventLogConfiguration(leafRecording: leafRecording)
        let isSyncPossible: Bool
        do throws(FileSystemError) {
            isSyncPossible = try PosixFileSystem().canSyncDirectory(directory)
        } catch {
            throw .fileSystem(error)
        }
        guard !isSyncPossible else { return configuration }
        // As a hub with that setting does; nothing else can be done there.
        configuration.durability = .os
        Diagnostics.say("the file system of \(directory) cannot sync directories: a power failure now may lose files")
        return configuration
    }

    /// The user to whom the log's last segment belongs, if that is not the one who runs this, who is not root either.
    ///
    /// - Throws: ``EventLogError`` if it cannot be looked at.
    static func foreignOwner(of directory: FilePath) throws(EventLogError) -> UInt32? {
        let catalog = try SegmentCatalog(directory)
        guard let last = catalog.segments.last, geteuid() != 0 else { return nil }
        do throws(FileSystemError) {
            let owner = try PosixFileSystem().status(of: catalog.path(of: last)).owner
            return owner == geteuid() ? nil : owner
        } catch {
            throw .fileSystem(error)
        }
    }
}
