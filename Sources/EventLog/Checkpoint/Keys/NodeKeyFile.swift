package import SystemPackage

/// The files `node.key` (secret, mode 0600) and `node.pub` (the verifier key) in a data directory, and `node.pub.1` and so
/// on, the verifier keys that were there before.
///
/// A thin owner: what the texts mean is ``NodeKey``'s business. Called by who holds the data directory's lock, so that no
/// two processes make a key at the same time.
package struct NodeKeyFile: Sendable {
    package static let fileName = "node.key"
    package static let publicFileName = "node.pub"
    /// A key file is one short line; of a longer file no more is read than shows that it is longer.
    private static let sizeLimit = 4096
    /// Keys that a log may have had; each change is an operator's act.
    private static let earlierKeyLimit = 1000

    private let directory: FilePath
    private let fileSystem = PosixFileSystem()

    package init(in directory: FilePath) {
        self.directory = directory
    }

    private var path: FilePath { self.directory.appending(Self.fileName) }
    private var publicPath: FilePath { self.directory.appending(Self.publicFileName) }

    /// Reads the node's key; makes and keeps one if there is none yet.
    ///
    /// A verifier key that is there without its secret half is what checkpoints were signed with that others may hold: as
    /// in a copy that was restored without the secret. Nothing is put in its place unasked.
    ///
    /// - Parameters:
    ///   - origin: The log's origin, which is the key's name.
    ///   - replacingLost: Whether a new key may be made where only the verifier key of an earlier one is left, which is
    ///     kept then as ``earlierKeys()``.
    ///   - generator: Where a new key's seed comes from: a source fit for keys.
    /// - Returns: The key that is in the file now.
    /// - Throws: ``CheckpointError``; ``CheckpointError/exposedKeyFile(_:permissions:)`` if others can get at it,
    ///   ``CheckpointError/keyLost(_:)`` if there is the verifier key only.
    package func loadOrCreate(
        origin: String,
        replacingLost: Bool = false,
        generator: inout some RandomNumberGenerator
    ) throws(CheckpointError) -> NodeKey {
        if let key = try self.load(origin: origin) { return key }
        if try self.contents(of: self.publicPath, isSecret: false) != nil {
            guard replacingLost else { throw .keyLost(self.publicPath) }
            try self.setPublicKeyAside()
        }
        let key = try NodeKey(origin: origin, generator: &generator)
        try self.replace(self.path, with: key.text, permissions: .ownerReadWrite)
        try self.writePublicKey(of: key)
        return key
    }

    /// Refuses a directory that has a verifier key, and not the key that belongs to it.
    ///
    /// - Throws: ``CheckpointError/keyLost(_:)``.
    package func refuseLostKey() throws(CheckpointError) {
        guard try self.contents(of: self.path, isSecret: true) == nil,
            try self.contents(of: self.publicPath, isSecret: false) != nil
        else { return }
        throw .keyLost(self.publicPath)
    }

    /// Reads the node's key; nil if there is none.
    package func load(origin: String) throws(CheckpointError) -> NodeKey? {
        guard let contents = try self.contents(of: self.path, isSecret: true) else { return nil }
        guard contents.last == LineFormat.newline,
            let key = NodeKey(text: String(decoding: contents.dropLast(), as: UTF8.self))
        else { throw .malformedKeyFile(self.path) }
        guard key.origin.utf8.elementsEqual(origin.utf8) else {
            throw .keyOfOtherOrigin(self.path, expected: origin, found: key.origin)
        }
        try self.checkPublicKey(of: key)
        return key
    }

    /// Reads the verifier key alone, as tools that only check do; nil if there is none.
    package func loadPublicKey() throws(CheckpointError) -> VerifierKey? {
        guard let contents = try self.contents(of: self.publicPath, isSecret: false) else { return nil }
        guard contents.last == LineFormat.newline else { throw .malformedKeyFile(self.publicPath) }
        return try VerifierKey(String(decoding: contents.dropLast(), as: UTF8.self))
    }

    /// The verifier keys that were in `node.pub` before, oldest first; what is no key is left out.
    package func earlierKeys() throws(CheckpointError) -> [VerifierKey] {
        var keys: [VerifierKey] = []
        for number in 1...Self.earlierKeyLimit {
            guard let contents = try self.contents(of: self.earlierPath(number), isSecret: false) else { break }
            guard let key = try? VerifierKey(String(decoding: contents.dropLast(), as: UTF8.self)) else { continue }
            keys.append(key)
        }
        return keys
    }

    /// The mode of the secret key's file, if the file's group can get at it, as where a platform gives volumes to a group
    /// whenever it mounts them; nil if it cannot.
    package func modeOpenToGroup() -> UInt16? {
        guard let file = try? FileDescriptor.open(self.path, .readOnly, options: [.closeOnExec, .nonBlocking]),
            let status = try? file.closeAfter({ try file.stat() }),
            !status.permissions.isDisjoint(with: .groupReadWriteExecute)
        else { return nil }
        return UInt16(status.permissions.rawValue)
    }

    private func earlierPath(_ number: Int) -> FilePath {
        self.directory.appending("\(Self.publicFileName).\(number)")
    }

    private func setPublicKeyAside() throws(CheckpointError) {
        for number in 1...Self.earlierKeyLimit {
            guard try self.contents(of: self.earlierPath(number), isSecret: false) == nil else { continue }
            do {
                try self.fileSystem.rename(self.publicPath, to: self.earlierPath(number))
                try self.fileSystem.syncDirectory(self.directory)
            } catch {
                throw self.checkpointError(error, at: self.publicPath)
            }
            return
        }
        throw .tooManyKeys(self.publicPath, limit: Self.earlierKeyLimit)
    }

    /// A verifier key that differs is not overwritten: auditors may hold it, and a changed key is news to them.
    private func checkPublicKey(of key: NodeKey) throws(CheckpointError) {
        guard let found = try self.contents(of: self.publicPath, isSecret: false) else {
            // The process ended between the two files.
            return try self.writePublicKey(of: key)
        }
        guard found == Array((key.verifierKey.text + "\n").utf8) else { throw .otherPublicKey(self.publicPath) }
    }

    private func writePublicKey(of key: NodeKey) throws(CheckpointError) {
        try self.replace(
            self.publicPath,
            with: key.verifierKey.text,
            permissions: [.ownerReadWrite, .groupRead, .otherRead]
        )
    }

    // MARK: System calls

    /// Reads a small file; nil if there is none.
    private func contents(of path: FilePath, isSecret: Bool) throws(CheckpointError) -> [UInt8]? {
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
            return try file.closeAfter {
                // Asked of the open file, so that nobody can put another in its place in between.
                let status = try file.stat()
                guard status.type == .regular else { throw CheckpointError.malformedKeyFile(path) }
                // The group's bits are the platform's: Kubernetes sets them at each mount of a volume with `fsGroup`.
                guard !isSecret || status.permissions.isDisjoint(with: .otherReadWriteExecute) else {
                    throw CheckpointError.exposedKeyFile(path, permissions: UInt16(status.permissions.rawValue))
                }
                return try self.contents(of: file)
            }
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch {
            throw self.checkpointError(error, at: path)
        }
    }

    private func contents(of file: FileDescriptor) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.sizeLimit + 1)
        var count = 0
        while count < bytes.count {
            // The call fills what it is lent, and keeps no pointer.
            let got = try unsafe bytes.withUnsafeMutableBytes {
                unsafe try file.read(
                    fromAbsoluteOffset: Int64(count),
                    into: UnsafeMutableRawBufferPointer(rebasing: $0[count...])
                )
            }
            guard got > 0 else { break }
            count += got
        }
        return Array(bytes[..<count])
    }

    /// Puts a file in place whole: at every moment there is no file, or a complete one.
    private func replace(
        _ path: FilePath,
        with line: String,
        permissions: FilePermissions
    ) throws(CheckpointError) {
        let temporary = FilePath(path.string + ".new")
        do {
            // Made with its final mode: a secret that is hidden afterwards could have been read before.
            let file = try FileDescriptor.open(
                temporary,
                .writeOnly,
                options: [.create, .truncate, .closeOnExec],
                permissions: permissions
            )
            try file.closeAfter {
                // One that a crash has left keeps the mode that it had.
                let found = try file.stat().permissions
                guard found.subtracting(.groupReadWriteExecute).isSubset(of: permissions) else {
                    throw CheckpointError.exposedKeyFile(temporary, permissions: UInt16(found.rawValue))
                }
                _ = try file.writeAll((line + "\n").utf8)
                try self.fileSystem.sync(OpenFile(descriptor: file.rawValue, path: temporary))
            }
            try self.fileSystem.rename(temporary, to: path)
            try self.fileSystem.syncDirectory(self.directory)
        } catch {
            throw self.checkpointError(error, at: path)
        }
    }

    private func checkpointError(_ error: any Error, at path: FilePath) -> CheckpointError {
        switch error {
        case let error as CheckpointError: error
        case let error as FileSystemError: .keyFile(error.path, error.code)
        case let error as Errno: .keyFile(path, error)
        default: .keyFile(path, .ioError)
        }
    }
}
