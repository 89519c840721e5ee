package import EventLog
import RawJSON
package import SystemPackage

/// The file `following` in a data directory: whom this node follows, whom it trusts, and how far it has seen.
///
/// It makes the directory a follower's: `serve` refuses it, `promote` takes the file away. It is replaced as a whole and
/// synced, before anything relies on what it says.
package struct FollowRecord: Sendable, Equatable {
    static let fileName = "following"
    /// The name that the file ``fileName`` gets when the node is promoted.
    package static let promotedFileName = "followed"
    private static let sizeLimit = 256 << 10

    var url: String
    /// The verifier keys that are trusted.
    var keys: [String]
    /// The newest checkpoint that was seen: a signed note; nil before the first.
    var checkpoint: String?
    /// Set as long as the beginning of the copy is not there: see ``LogBeginning``.
    var beginning: Beginning?

    /// How far the beginning of a copy is.
    struct Beginning: Sendable, Equatable {
        /// The signed note of the snapshot that is being fetched; nil before that is known.
        var snapshot: String?
    }

    var json: [UInt8] {
        JSONWriter.line { writer in
            writer.member("primary", self.url)
            writer.member("keys", self.keys)
            if let checkpoint { writer.member("checkpoint", checkpoint) }
            guard let beginning else { return }
            writer.object("beginning") { writer in
                if let snapshot = beginning.snapshot { writer.member("snapshot", snapshot) }
            }
        }
    }

    init(url: String, keys: [String], checkpoint: String? = nil) {
        self.url = url
        self.keys = keys
        self.checkpoint = checkpoint
    }

    private init?(reading text: [UInt8]) throws {
        var url: String?
        var keys: [String] = []
        var checkpoint: String?
        var beginning: Beginning?
        var scanner = JSONScanner(text.span)
        try scanner.beginObject()
        while let key = try scanner.nextMember() {
            if key == "primary" {
                url = try scanner.readString().decoded()
            } else if key == "keys" {
                try scanner.beginArray()
                while try scanner.nextElement() { keys.append(try scanner.readString().decoded()) }
            } else if key == "checkpoint" {
                checkpoint = try scanner.readString().decoded()
            } else if key == "beginning" {
                beginning = try Beginning(reading: &scanner)
            } else {
                try scanner.skipValue()
            }
        }
        try scanner.finish()
        guard let url else { return nil }
        self.init(url: url, keys: keys, checkpoint: checkpoint)
        self.beginning = beginning
    }

    /// Trusts the first key that a primary shows; any other has to be one that is trusted.
    ///
    /// - Parameter key: What the primary signs with.
    /// - Returns: Whether it is trusted from now on, so that the record has to be written.
    /// - Throws: ``FollowError/unknownKey(found:pinned:)``.
    mutating func pin(_ key: VerifierKey) throws(FollowError) -> Bool {
        guard try !self.verifierKeys().contains(key) else { return false }
        guard self.keys.isEmpty else { throw .unknownKey(found: key.text, pinned: self.keys) }
        self.keys = [key.text]
        return true
    }
}

extension FollowRecord.Beginning {
    fileprivate init(reading scanner: inout JSONScanner) throws(RawJSONError) {
        try scanner.beginObject()
        while let key = try scanner.nextMember() {
            if key == "snapshot" {
                self.snapshot = try scanner.readString().decoded()
            } else {
                try scanner.skipValue()
            }
        }
    }
}

extension FollowRecord {
    /// Reads a record; nil if the directory is no follower's.
    ///
    /// - Parameters:
    ///   - directory: The data directory.
    ///   - fileName: Another name, for what the record became.
    ///   - fileSystem: Where it is.
    /// - Returns: What it says.
    /// - Throws: ``FollowError/record(path:_:)``.
    package static func read(
        in directory: FilePath,
        named fileName: String = FollowRecord.fileName,
        fileSystem: any FileSystem = PosixFileSystem()
    ) throws(FollowError) -> FollowRecord? {
        let path = directory.appending(fileName)
        let text: [UInt8]
        do throws(EventLogError) {
            guard let contents = try fileSystem.contents(of: path, limit: Self.sizeLimit) else { return nil }
            text = contents
        } catch {
            throw .record(path: "\(path)", "\(error)")
        }
        guard let record = try? FollowRecord(reading: text) else {
            throw .record(path: "\(path)", "is damaged; restore it, or follow again from an empty directory")
        }
        return record
    }

    func write(
        in directory: FilePath,
        fileSystem: any FileSystem = PosixFileSystem()
    ) throws(FollowError) {
        let path = directory.appending(Self.fileName)
        do throws(EventLogError) {
            try fileSystem.replaceFile(at: path, with: Array(self.json))
        } catch {
            throw error.isShortage ? .shortage("\(error)") : .record(path: "\(path)", "\(error)")
        }
    }

    /// Ends the following: the record stays under another name, for who asks later whom this node had trusted.
    static func retire(
        in directory: FilePath,
        fileSystem: any FileSystem = PosixFileSystem()
    ) throws(FollowError) {
        let path = directory.appending(Self.fileName)
        do throws(FileSystemError) {
            try fileSystem.rename(path, to: directory.appending(Self.promotedFileName))
            try fileSystem.syncDirectory(directory)
        } catch {
            throw .record(path: "\(path)", "\(error)")
        }
    }
}
