package import LogValues
package import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The operating system's files.
///
/// Every system call on files that this target makes is here. The system takes pointers: each is to what lives for the call,
/// which keeps none of them, and comes with its size.
///
/// A call that a signal interrupted is repeated; nothing else is.
package struct PosixFileSystem: FileSystem {
    /// Times that an interrupted call is repeated before it counts as failed: a bound, since a broken kernel or file
    /// system may say "interrupted" for ever.
    private static let interruptionLimit = 1000

    package init() {}

    package func createDirectory(_ path: FilePath) throws(FileSystemError) -> Bool {
        guard unsafe path.withPlatformString({ unsafe mkdir($0, Self.directoryMode) }) == 0 else {
            let code = Errno(rawValue: errno)
            guard code == .fileExists else { throw FileSystemError(.createDirectory, path, code) }
            guard try self.status(of: path).isDirectory else {
                throw FileSystemError(.createDirectory, path, .notDirectory)
            }
            return false
        }
        if Self.isSuperuser {
            let directory = try self.open(path, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW, for: .createDirectory)
            defer { self.close(directory) }
            try self.giveToOwnerOfDirectory(directory)
        }
        return true
    }

    package func room(in directory: FilePath) -> UInt64? {
        var status = statvfs()
        guard unsafe directory.withPlatformString({ unsafe statvfs($0, &status) }) == 0 else { return nil }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }

    package func list(_ directory: FilePath) throws(FileSystemError) -> [String] {
        guard let stream = unsafe directory.withPlatformString({ unsafe opendir($0) }) else {
            throw FileSystemError(.list, directory, Errno(rawValue: errno))
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else {
                guard errno == 0 else { throw FileSystemError(.list, directory, Errno(rawValue: errno)) }
                return names.filter { $0 != "." && $0 != ".." }
            }
            names.append(
                unsafe withUnsafeBytes(of: entry.pointee.d_name) {
                    unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
            )
        }
    }

    package func open(_ path: FilePath, _ access: FileAccess) throws(FileSystemError) -> OpenFile {
        switch access {
        case .read: try self.open(path, flags: O_RDONLY, for: .open)
        case .readAndWrite: try self.open(path, flags: O_RDWR, for: .open)
        case .create: try self.create(path, for: .open)
        case .replace:
            // Not through a link: what it leads to is not ours to empty.
            try self.createIfMissing(path, orOpenWith: O_RDWR | O_TRUNC | O_NOFOLLOW, for: .open)
        }
    }

    package func size(_ file: OpenFile) throws(FileSystemError) -> UInt64 {
        var status = stat()
        guard unsafe fstat(file.descriptor, &status) == 0 else {
            throw FileSystemError(.size, file.path, Errno(rawValue: errno))
        }
        return UInt64(clamping: status.st_size)
    }

    package func read(
        _ file: OpenFile,
        into bytes: inout MutableSpan<UInt8>,
        at offset: UInt64
    ) throws(FileSystemError) -> Int {
        try unsafe bytes.withUnsafeMutableBytes { buffer throws(FileSystemError) in
            try self.repeating(.read, file.path) {
                unsafe pread(file.descriptor, buffer.baseAddress, buffer.count, off_t(clamping: offset))
            }
        }
    }

    package func write(_ file: OpenFile, _ bytes: Bytes, at offset: UInt64) throws(FileSystemError) -> Int {
        try unsafe bytes.withUnsafeBytes { bytes throws(FileSystemError) in
            try self.repeating(.write, file.path) {
                unsafe pwrite(file.descriptor, bytes.baseAddress, bytes.count, off_t(clamping: offset))
            }
        }
    }

    package func truncate(_ file: OpenFile, to size: UInt64) throws(FileSystemError) {
        _ = try self.repeating(.truncate, file.path) { Int(ftruncate(file.descriptor, off_t(clamping: size))) }
    }

    package func sync(_ file: OpenFile) throws(FileSystemError) {
        _ = try self.repeating(.sync, file.path) {
            #if canImport(Darwin)
                Int(fcntl(file.descriptor, F_FULLFSYNC))
            #else
                Int(fdatasync(file.descriptor))
            #endif
        }
    }

    package func close(_ file: OpenFile) {
        // Nothing is written by `close` that a sync has not brought to the disk before, so its result says nothing.
        #if canImport(Darwin)
            _ = Darwin.close(file.descriptor)
        #elseif canImport(Musl)
            _ = Musl.close(file.descriptor)
        #else
            _ = Glibc.close(file.descriptor)
        #endif
    }

    package func rename(_ path: FilePath, to target: FilePath) throws(FileSystemError) {
        let result = unsafe path.withPlatformString { old in
            unsafe target.withPlatformString { new in
                #if canImport(Darwin)
                    unsafe Darwin.rename(old, new)
                #elseif canImport(Musl)
                    unsafe Musl.rename(old, new)
                #else
                    unsafe Glibc.rename(old, new)
                #endif
            }
        }
        guard result == 0 else { throw FileSystemError(.rename, path, Errno(rawValue: errno)) }
    }

    package func remove(_ path: FilePath) throws(FileSystemError) {
        guard unsafe path.withPlatformString({ unsafe unlink($0) }) == 0 else {
            throw FileSystemError(.remove, path, Errno(rawValue: errno))
        }
    }

    package func willRead(_ file: OpenFile, _ range: Range<UInt64>) {
        #if os(Linux)
            posix_fadvise(file.descriptor, Int(clamping: range.lowerBound), range.count, POSIX_FADV_WILLNEED)
        #endif
    }

    package func flushDirectory(_ path: FilePath) throws(FileSystemError) {
        let directory = try self.open(path, flags: O_RDONLY | O_DIRECTORY, for: .syncDirectory)
        defer { self.close(directory) }
        _ = try self.repeating(.syncDirectory, path) { Int(fsync(directory.descriptor)) }
    }

    package func lock(_ path: FilePath) throws(FileSystemError) -> OpenFile? {
        try self.lock(try self.createIfMissing(path, orOpenWith: O_RDWR, for: .lock))
    }

    package func lockDirectory(_ path: FilePath) throws(FileSystemError) -> OpenFile? {
        try self.lock(try self.open(path, flags: O_RDONLY | O_DIRECTORY, for: .lock))
    }

    /// Closes the file if another holder has the lock, or if it cannot be taken.
    private func lock(_ file: OpenFile) throws(FileSystemError) -> OpenFile? {
        var attempts = 0
        while flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = Errno(rawValue: errno)
            attempts += 1
            guard code == .interrupted, attempts < Self.interruptionLimit else {
                self.close(file)
                if code == .wouldBlock { return nil }
                throw FileSystemError(.lock, file.path, code)
            }
        }
        return file
    }

    // MARK: What a file is

    package func status(of path: FilePath) throws(FileSystemError) -> FileStatus {
        var found = stat()
        guard unsafe path.withPlatformString({ unsafe stat($0, &found) }) == 0 else {
            throw FileSystemError(.size, path, Errno(rawValue: errno))
        }
        return FileStatus(found)
    }

    package func status(of file: OpenFile) throws(FileSystemError) -> FileStatus {
        var found = stat()
        guard unsafe fstat(file.descriptor, &found) == 0 else {
            throw FileSystemError(.size, file.path, Errno(rawValue: errno))
        }
        return FileStatus(found)
    }

    package func linkTarget(of path: FilePath) throws(FileSystemError) -> FilePath? {
        var found = stat()
        guard unsafe path.withPlatformString({ unsafe lstat($0, &found) }) == 0 else {
            let code = Errno(rawValue: errno)
            guard code == .noSuchFileOrDirectory else { throw FileSystemError(.readLink, path, code) }
            return nil
        }
        guard found.st_mode & S_IFMT == S_IFLNK else { return nil }
        guard let target = unsafe path.withPlatformString({ unsafe realpath($0, nil) }) else {
            throw FileSystemError(.readLink, path, Errno(rawValue: errno))
        }
        defer { unsafe free(target) }
        return unsafe FilePath(platformString: target)
    }

    package func setOwner(_ status: FileStatus, of file: OpenFile) throws(FileSystemError) {
        let found = try self.status(of: file)
        if found.owner != status.owner || found.group != status.group {
            let result = fchown(file.descriptor, status.owner, status.group)
            // Only the superuser may give files away; anybody else is their owner, or could not have replaced them.
            guard result == 0 || errno == EPERM else {
                throw FileSystemError(.setOwner, file.path, Errno(rawValue: errno))
            }
        }
        guard found.permissions != status.permissions else { return }
        guard fchmod(file.descriptor, mode_t(status.permissions)) == 0 else {
            throw FileSystemError(.setOwner, file.path, Errno(rawValue: errno))
        }
    }

    // MARK: Making files

    /// What is kept is nobody else's business, whatever the process's umask says, which can only take more away.
    private static let fileMode: mode_t = 0o600
    private static let directoryMode: mode_t = 0o700

    private static var isSuperuser: Bool { geteuid() == 0 }

    /// Makes a file, which must not be there yet; never through a link that somebody left at its place.
    private func create(_ path: FilePath, for operation: FileSystemError.Operation) throws(FileSystemError) -> OpenFile
    {
        let file = try self.open(path, flags: O_RDWR | O_CREAT | O_EXCL, for: operation)
        guard Self.isSuperuser else { return file }
        do throws(FileSystemError) {
            try self.giveToOwnerOfDirectory(file)
        } catch {
            self.close(file)
            throw error
        }
        return file
    }

    private func createIfMissing(
        _ path: FilePath,
        orOpenWith flags: Int32,
        for operation: FileSystemError.Operation
    ) throws(FileSystemError) -> OpenFile {
        var attempts = 0
        while true {
            do throws(FileSystemError) {
                return try self.create(path, for: operation)
            } catch {
                guard error.code == .fileExists else { throw error }
            }
            do throws(FileSystemError) {
                return try self.open(path, flags: flags, for: operation)
            } catch {
                attempts += 1
                // Removed since: then it can be made.
                guard error.isNotFound, attempts < Self.interruptionLimit else { throw error }
            }
        }
    }

    /// What the superuser makes, in passing, belongs to whom the directory belongs to, so that the hub's own user can go
    /// on with it.
    ///
    /// Only for what was made just now: a file that was there already may be anybody's.
    private func giveToOwnerOfDirectory(_ file: OpenFile) throws(FileSystemError) {
        let parent = file.path.removingLastComponent()
        let directory = try self.status(of: parent.isEmpty ? "." : parent)
        guard directory.owner != 0 else { return }
        let result = fchown(file.descriptor, directory.owner, directory.group)
        // In a container the superuser may lack that right; then files stay as they are made.
        guard result == 0 || errno == EPERM else {
            throw FileSystemError(.setOwner, file.path, Errno(rawValue: errno))
        }
    }

    private func open(
        _ path: FilePath,
        flags: Int32,
        for operation: FileSystemError.Operation
    ) throws(FileSystemError) -> OpenFile {
        let descriptor = try self.repeating(operation, path) {
            // Closed in a child: a helper process must not keep the lock after our end.
            unsafe Int(path.withPlatformString { unsafe posixOpen($0, flags | O_CLOEXEC, Self.fileMode) })
        }
        return OpenFile(descriptor: Int32(truncatingIfNeeded: descriptor), path: path)
    }

    private func repeating(
        _ operation: FileSystemError.Operation,
        _ path: FilePath,
        _ call: () -> Int
    ) throws(FileSystemError) -> Int {
        var attempts = 0
        while true {
            let result = call()
            guard result < 0 else { return result }
            let code = Errno(rawValue: errno)
            attempts += 1
            guard code == .interrupted, attempts < Self.interruptionLimit else {
                throw FileSystemError(operation, path, code)
            }
        }
    }
}

/// `open(2)`, which the method of that name hides.
private func posixOpen(_ path: UnsafePointer<CInterop.PlatformChar>, _ flags: Int32, _ mode: mode_t) -> Int32 {
    unsafe open(path, flags, mode)
}

/// The operating system's clock and sleep.
package enum PosixClock {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package static func microsecondsSince1970() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    /// Holds the calling thread up; a signal may end it early.
    package static func sleep(for duration: Duration) {
        var time = timespec(duration)
        unsafe nanosleep(&time, nil)
    }
}

extension timespec {
    /// Rounded down to nanoseconds.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    }
}

extension FileStatus {
    fileprivate init(_ found: stat) {
        self.init(
            identity: Identity(
                device: UInt64(truncatingIfNeeded: found.st_dev),
                number: UInt64(truncatingIfNeeded: found.st_ino)
            )
        )
        self.linkCount = Int(clamping: found.st_nlink)
        self.isDirectory = found.st_mode & S_IFMT == S_IFDIR
        self.owner = found.st_uid
        self.group = found.st_gid
        self.permissions = UInt16(truncatingIfNeeded: found.st_mode & 0o7777)
    }
}
