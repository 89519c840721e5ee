package import LogValues
import RawJSON
package import SystemPackage

/// The file `synced` beside the log: how far the log is known to be on disk.
///
///     {"log":"<log id>","seq":1234,"root":"<root of the first 1234 lines>"}
///
/// A log that has lost its end on a block boundary looks like a shorter log; this tells the two apart. It is replaced as
/// a whole (written aside, synced, renamed), so that at every moment there is a whole one.
package struct SyncedNote: Equatable {
    package static let fileName = "synced"
    private static let sizeLimit = 1024

    package let logID: String
    /// How far the log reaches, which is the tree's size too.
    package let end: SequenceNumber
    package let root: Hash256

    /// Reads the file; nil if there is none.
    ///
    /// - Throws: ``EventLogError/syncedNoteUnreadable(_:)`` if the file is not as it was written.
    package static func read(
        in directory: FilePath,
        _ fileSystem: any FileSystem = PosixFileSystem()
    ) throws(EventLogError) -> SyncedNote? {
        let path = directory.appending(self.fileName)
        guard let bytes = try fileSystem.contents(of: path, limit: self.sizeLimit) else { return nil }
        guard let note = SyncedNote(text: bytes.span) else { throw .syncedNoteUnreadable(path) }
        return note
    }

    func write(in directory: FilePath, _ fileSystem: any FileSystem) throws(EventLogError) {
        try fileSystem.replaceFile(at: directory.appending(Self.fileName), with: self.text)
    }
}

extension SyncedNote {
    var text: [UInt8] {
        Array("{\"log\":\"\(self.logID)\",\"seq\":\(self.end),\"root\":\"\(self.root)\"}\n".utf8)
    }

    init?(text: Bytes) {
        var text = FixedText(text)
        guard text.literal("{\"log\":\""), let logID = text.untilQuote(),
            text.literal(",\"seq\":"), let end = text.integer(),
            text.literal(",\"root\":\""), let root = text.hash(),
            text.literal("}\n"), text.isAtEnd
        else { return nil }
        self.init(logID: String(decoding: logID, as: UTF8.self), end: SequenceNumber(end), root: root)
    }
}
