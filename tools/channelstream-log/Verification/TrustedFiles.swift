import EventLog
import LogValues
import Projections
import RawJSON
import SystemPackage

/// Keys and checkpoints that stand in files.
enum TrustedFiles {
    /// A verifier key from its text or a file that holds it.
    ///
    /// - Throws: ``ToolFailure`` if it is neither.
    static func key(_ text: String) throws -> VerifierKey {
        if let key = try? VerifierKey(text) { return key }
        let line = String(decoding: try TextFile.read(FilePath(text)), as: UTF8.self)
        do {
            return try VerifierKey(String(line.prefix { $0 != "\n" }))
        } catch {
            throw ToolFailure(.unreadable, "\(text): \(error)")
        }
    }

    /// The verifier keys beside a log: the node's, those that it had before, and those of the node that it follows, or
    /// followed until it was promoted.
    ///
    /// - Throws: ``ToolFailure`` if they cannot be read.
    static func keys(besideLogIn directory: FilePath) throws -> [VerifierKey] {
        let file = NodeKeyFile(in: directory)
        do {
            let own = try [file.loadPublicKey()].compactMap(\.self) + file.earlierKeys()
            return own
                + (self.followedKeys(in: directory, "following") ?? self.followedKeys(in: directory, "followed") ?? [])
        } catch {
            throw ToolFailure(.unreadable, "\(error)")
        }
    }

    /// Those of them that may have signed the log, the one that does first: a follower signs nothing.
    ///
    /// - Throws: ``ToolFailure`` if they cannot be read.
    static func signers(besideLogIn directory: FilePath) throws -> [VerifierKey] {
        if let followed = self.followedKeys(in: directory, "following") { return followed }
        var keys: [VerifierKey] = []
        for key in try self.keys(besideLogIn: directory) where !keys.contains(key) { keys.append(key) }
        return keys
    }

    /// Whether the directory is a follower's, whose retention is its own business, and not in the log.
    static func isFollower(_ directory: FilePath) -> Bool {
        self.followedKeys(in: directory, "following") != nil
    }

    /// The keys that a follower trusts; nil if there is no such file, or it cannot be read.
    private static func followedKeys(in directory: FilePath, _ name: String) -> [VerifierKey]? {
        guard let text = try? TextFile.read(directory.appending(name)) else { return nil }
        return (try? self.keys(text.span))?.compactMap { try? VerifierKey($0) }
    }

    /// The `keys` of `{"primary":"http://…","keys":["…"],…}`.
    private static func keys(_ bytes: Bytes) throws(RawJSONError) -> [String] {
        var scanner = JSONScanner(bytes)
        var keys: [String] = []
        try scanner.beginObject()
        while let key = try scanner.nextMember() {
            guard key == "keys" else {
                try scanner.skipValue()
                continue
            }
            try scanner.beginArray()
            while try scanner.nextElement() { keys.append(try scanner.readString().decoded()) }
        }
        try scanner.finish()
        return keys
    }

    /// A checkpoint that was kept as a signed note.
    ///
    /// - Throws: ``ToolFailure`` if there is none in the file, or it is not signed by the keys.
    static func checkpoint(_ path: String, _ notes: NoteChecker) throws -> KeptCheckpoint {
        let bytes = try TextFile.read(FilePath(path))
        do {
            let note = try SignedNote(parsing: bytes)
            let body = try CheckpointBody(parsing: note.text)
            try notes.checkSignature(of: note, origin: body.origin)
            return KeptCheckpoint(name: path, size: body.size, root: body.root)
        } catch CheckpointError.wrongSignature(let key) {
            throw ToolFailure(.signature, "\(path): \(CheckpointError.wrongSignature(key))")
        } catch CheckpointError.noKnownSignature {
            throw ToolFailure(.signature, "\(path): \(CheckpointError.noKnownSignature)")
        } catch {
            throw ToolFailure(.unreadable, "\(path): \(error)")
        }
    }

    /// What the file `synced` beside a log says; nil if there is none.
    ///
    /// - Throws: ``ToolFailure`` if it cannot be understood.
    static func syncedNote(besideLogIn directory: FilePath) throws -> SyncedNote? {
        do throws(EventLogError) {
            return try SyncedNote.read(in: directory)
        } catch .syncedNoteUnreadable(let path) {
            throw ToolFailure(.damage, "\(path): not as it was written")
        } catch {
            throw ToolFailure(error)
        }
    }
}

extension KeptCheckpoint {
    init(_ note: SyncedNote) {
        self.init(name: SyncedNote.fileName, size: note.end.rawValue, root: note.root)
    }
}
