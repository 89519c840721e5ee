import EventLog
import LogValues
import SystemPackage

/// Makes a log in a new directory out of files of another.
///
/// The new log ends where it is told to, and is then opened and closed as a hub would: that ends its last frame and
/// writes `synced`.
struct LogCopy {
    let source: FilePath
    let target: FilePath
    private let fileSystem = PosixFileSystem()

    /// - Throws: ``ToolFailure`` if something is at the target already.
    init(from source: FilePath, to target: FilePath) throws {
        self.source = source
        self.target = target
        do {
            if try !self.fileSystem.createDirectory(target) {
                guard try self.fileSystem.list(target).isEmpty else {
                    throw ToolFailure(.unreadable, "\(target) is not empty: name a directory that does not exist yet")
                }
            }
            _ = try self.fileSystem.createDirectory(target.appending("log"))
        } catch let failure as ToolFailure {
            throw failure
        } catch {
            throw ToolFailure(.unreadable, "\(error)")
        }
    }

    /// Copies a segment into the new log.
    ///
    /// - Parameters:
    ///   - segment: The segment.
    ///   - size: How many bytes of it; nil: all.
    ///   - access: Whether an earlier copy of it may be there.
    /// - Throws: ``ToolFailure``.
    func copy(_ segment: SegmentName, size: UInt64? = nil, _ access: FileAccess = .create) throws {
        try self.copy("log/\(segment.fileName)", to: "log/\(segment.fileName)", size: size, access)
    }

    /// Copies the snapshots; one that goes meanwhile, since it got too old, is left out.
    ///
    /// - Parameter last: The last line of the new log, behind which no snapshot is of use; nil: all.
    /// - Throws: ``ToolFailure``.
    func copySnapshots(through last: SequenceNumber? = nil) throws {
        let names = try withToolFailures { try SnapshotStore(in: self.source).names() }
        guard !names.isEmpty else { return }
        try self.makeFolder(SnapshotStore.folderName)
        for name in names where last.map({ name.through <= $0 }) ?? true {
            try self.copyIfThere("\(SnapshotStore.folderName)/\(name.fileName)")
        }
    }

    /// Copies a file of the data directory, if it is there.
    ///
    /// - Returns: Whether it is.
    /// - Throws: ``ToolFailure``.
    @discardableResult
    func copyIfThere(_ name: String) throws -> Bool {
        do {
            self.fileSystem.close(try self.fileSystem.open(self.source.pushing(FilePath(name)), .read))
        } catch  where error.isNotFound {
            return false
        } catch {
            throw ToolFailure(.unreadable, "\(error)")
        }
        try self.copy(name, to: name)
        return true
    }

    /// Puts the keys beside the new log that may have signed it: the node's and those before it, or, of a follower, those of
    /// its primary.
    ///
    /// No secret one.
    ///
    /// - Throws: ``ToolFailure``.
    func copyKeys() throws {
        for (number, key) in try TrustedFiles.signers(besideLogIn: self.source).enumerated() {
            let name = NodeKeyFile.publicFileName + (number == 0 ? "" : ".\(number)")
            try TextFile.write(Array("\(key.text)\n".utf8), to: self.target.appending(name))
        }
    }

    /// Takes along what a follower has noted of lines that it dropped: the copy is none, and its log does not say it.
    ///
    /// - Throws: ``ToolFailure``.
    func copyDropNote() throws {
        let isFollower = TrustedFiles.isFollower(self.source)
        guard try !self.copyIfThere(DropNote.fileName), isFollower else { return }
        try withToolFailures { try DropNote.ofFollowed(self.source)?.write(in: self.target) }
    }

    /// - Throws: ``ToolFailure``.
    func makeFolder(_ name: String) throws {
        do {
            _ = try self.fileSystem.createDirectory(self.target.appending(name))
        } catch {
            throw ToolFailure(.unreadable, "\(error)")
        }
    }

    /// - Throws: ``ToolFailure``.
    func copy(_ name: String, to newName: String, size: UInt64? = nil, _ access: FileAccess = .create) throws {
        do {
            let input = try self.fileSystem.open(self.source.pushing(FilePath(name)), .read)
            defer { self.fileSystem.close(input) }
            let output = try self.fileSystem.open(self.target.pushing(FilePath(newName)), access)
            defer { self.fileSystem.close(output) }
            try self.fileSystem.copyBytes(0..<(size ?? .max), from: input, to: output)
            try self.fileSystem.sync(output)
        } catch {
            throw ToolFailure(.unreadable, "\(error)")
        }
    }

    /// Ends the new log's last frame, and notes how far it reaches.
    ///
    /// - Returns: Its last line; nil if it has none.
    /// - Throws: ``ToolFailure`` if what was copied is no log.
    func finish() throws -> SequenceNumber? {
        try withToolFailures {
            let configuration = try WritableLog.configuration(for: self.target)
            let (log, report) = try EventLog.open(self.target, configuration: configuration)
            log.close()
            if let failure = log.failure { throw failure }
            return report.end
        }
    }
}
