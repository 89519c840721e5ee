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
/// Every system call on files that this target makes is here.
///
/// A call that a signal interrupted is repeated; nothing else is.
package struct PosixFileSystem: FileSystem {
    /// Times that an interrupted call is repeated before it counts as failed: a bound, since a broken kernel or file
    /// system may say "interrupted" for ever.
    private static let interruptionLimit = 1000

    package init() {}

    package func createDirectory(_ path: FilePath) throws(FileSystemError) -> Bool {
        let result = path.withPlatformString { mkdir($0, 0o777) }
        guard result != 0 else { return true }
        let code = Errno(rawValue: errno)
        guard code == .fileExists else { throw FileSystemError(.createDirectory, path, code) }
        return false
    }

    package func room(in directory: FilePath) -> UInt64? {
        var status = statvfs()
        guard directory.withPlatformString({ statvfs($0, &status) }) == 0 else { return nil }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }

    package func list(_ directory: FilePath) throws(FileSystemError) -> [String] {
        guard let stream = directory.withPlatformString({ opendir($0) }) else {
            throw FileSystemError(.list, directory, Errno(rawValue: errno))
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw FileSystemError(.list, directory, Errno(rawValue: errno)) }
                return names.filter { $0 != "." && $0 != ".." }
            }
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            )
        }
    }

    package func open(_ path: FilePath, _ access: FileAccess) throws(FileSystemError) -> OpenFile {
        let flags =
            switch access {
            case .read: O_RDONLY
            case .readAndWrite: O_RDWR
            case .create: O_RDWR | O_CREAT | O_EXCL
            case .replace: O_RDWR | O_CREAT | O_TRUNC
            }
        return try self.open(path, flags: flags, for: .open)
    }

    package func size(_ file: OpenFile) throws(FileSystemError) -> UInt64 {
        var status = stat()
        guard fstat(file.descriptor, &status) == 0 else {
            throw FileSystemError(.size, file.path, Errno(rawValue: errno))
        }
        return UInt64(clamping: status.st_size)
    }

    package func read(
        _ file: OpenFile,
        into buffer: UnsafeMutableRawBufferPointer,
        at offset: UInt64
    ) throws(FileSystemError) -> Int {
        try self.repeating(.read, file.path) {
            pread(file.descriptor, buffer.baseAddress, buffer.count, off_t(clamping: offset))
        }
    }

    package func write(
        _ file: OpenFile,
        _ bytes: UnsafeRawBufferPointer,
        at offset: UInt64
    ) throws(FileSystemError) -> Int {
        try self.repeating(.write, file.path) {
            pwrite(file.descriptor, bytes.baseAddress, bytes.count, off_t(clamping: offset))
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
        let result = path.withPlatformString { old in
            target.withPlatformString { new in
                #if canImport(Darwin)
                    Darwin.rename(old, new)
                #elseif canImport(Musl)
                    Musl.rename(old, new)
                #else
                    Glibc.rename(old, new)
                #endif
            }
        }
        guard result == 0 else { throw FileSystemError(.rename, path, Errno(rawValue: errno)) }
    }

    package func remove(_ path: FilePath) throws(FileSystemError) {
        guard path.withPlatformString({ unlink($0) }) == 0 else {
            throw FileSystemError(.remove, path, Errno(rawValue: errno))
        }
    }

    package func willRead(_ file: OpenFile, _ range: Range<UInt64>) {
        #if os(Linux)
            posix_fadvise(file.descriptor, Int(clamping: range.lowerBound), range.count, POSIX_FADV_WILLNEED)
        #endif
    }

    package func syncDirectory(_ path: FilePath) throws(FileSystemError) {
        let directory = try self.open(path, flags: O_RDONLY | O_DIRECTORY, for: .syncDirectory)
        defer { self.close(directory) }
        _ = try self.repeating(.syncDirectory, path) { Int(fsync(directory.descriptor)) }
    }

    package func lock(_ path: FilePath) throws(FileSystemError) -> OpenFile? {
        let file = try self.open(path, flags: O_RDWR | O_CREAT, for: .lock)
        var attempts = 0
        while flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = Errno(rawValue: errno)
            attempts += 1
            guard code == .interrupted, attempts < Self.interruptionLimit else {
                self.close(file)
                if code == .wouldBlock { return nil }
                throw FileSystemError(.lock, path, code)
            }
        }
        return file
    }

    private func open(
        _ path: FilePath,
        flags: Int32,
        for operation: FileSystemError.Operation
    ) throws(FileSystemError) -> OpenFile {
        let descriptor = try self.repeating(operation, path) {
            // Closed in a child: a helper process must not keep the lock after our end.
            Int(path.withPlatformString { posixOpen($0, flags | O_CLOEXEC, 0o666) })
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
    open(path, flags, mode)
}

/// The operating system's clock and sleep.
package enum PosixClock {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package static func microsecondsSince1970() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    /// Holds the calling thread up; a signal may end it early.
    package static func sleep(for duration: Duration) {
        var time = timespec(duration)
        nanosleep(&time, nil)
    }
}

extension timespec {
    /// Rounded down to nanoseconds.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    }
}
