import SystemPackage

/// The file `synced` beside the log: how far the log is known to be on disk.
///
///     {"log":"<log id>","seq":1234,"root":"<root of the first 1234 lines>"}
///
/// A log that has lost its end on a block boundary looks like a shorter log; this tells the two apart. It is replaced as
/// a whole (written aside, synced, renamed), so that at every moment there is a whole one.
struct SyncedNote: Equatable {
    static let fileName = "synced"
    private static let temporaryName = "synced.tmp"
    private static let sizeLimit = 1024

    let logID: String
    /// The last line, which is the tree's size too.
    ///
    /// 0: no line yet.
    let sequenceNumber: UInt64
    let root: Hash256

    /// Nil if there is none.
    ///
    /// - Throws: ``EventLogError/syncedNoteUnreadable(_:)`` if the file is not as it was written.
    static func read(in directory: FilePath, _ fileSystem: any FileSystem) throws(EventLogError) -> SyncedNote? {
        let path = directory.appending(self.fileName)
        guard let bytes = try fileSystem.contents(of: path, limit: self.sizeLimit) else { return nil }
        guard let note = bytes.withUnsafeBytes({ SyncedNote(text: $0) }) else { throw .syncedNoteUnreadable(path) }
        return note
    }

    func write(in directory: FilePath, _ fileSystem: any FileSystem) throws(EventLogError) {
        let temporary = directory.appending(Self.temporaryName)
        try withLogErrors { () throws(FileSystemError) in
            let file = try fileSystem.open(temporary, .replace)
            defer { fileSystem.close(file) }
            try self.writeText(to: file, fileSystem)
            try fileSystem.sync(file)
        }
        try withLogErrors { () throws(FileSystemError) in
            try fileSystem.rename(temporary, to: directory.appending(Self.fileName))
            try fileSystem.syncDirectory(directory)
        }
    }

    private func writeText(to file: OpenFile, _ fileSystem: any FileSystem) throws(FileSystemError) {
        let text = self.text
        var written = 0
        while written < text.count {
            let count = try text.withRawBytes { bytes throws(FileSystemError) in
                try fileSystem.write(
                    file,
                    UnsafeRawBufferPointer(rebasing: bytes[written...]),
                    at: UInt64(written)
                )
            }
            guard count > 0 else { throw FileSystemError(.write, file.path, .ioError) }
            written += count
        }
    }
}

extension SyncedNote {
    var text: [UInt8] {
        Array("{\"log\":\"\(self.logID)\",\"seq\":\(self.sequenceNumber),\"root\":\"\(self.root)\"}\n".utf8)
    }

    init?(text: UnsafeRawBufferPointer) {
        var text = FixedText(text)
        guard text.literal("{\"log\":\""), let logID = text.untilQuote(),
            text.literal(",\"seq\":"), let sequenceNumber = text.integer(),
            text.literal(",\"root\":\""), let root = text.untilQuote().flatMap({ Hash256(base64URL: $0) }),
            text.literal("}\n"), text.isAtEnd
        else { return nil }
        self.init(logID: String(decoding: logID, as: UTF8.self), sequenceNumber: sequenceNumber, root: root)
    }
}
