import LogValues
import RawJSON
import SystemPackage

/// The file `erasure` beside the log: an erasure is being ordered, or carried out.
///
///     {"log":"<log id>","after":1234}
///
/// What is to be erased stands in the log itself, in lines behind `after`; if there are none, nothing was ordered. It is
/// there before such a line is written, and as long as a content may still stand anywhere that such a line names.
struct ErasureIntent: Equatable {
    static let fileName = "erasure"
    private static let sizeLimit = 1024

    let logID: String
    /// How far the log reached when the erasure was asked for.
    let after: SequenceNumber

    /// Reads the file; nil if there is none.
    ///
    /// A file that is not as it was written counts as one that names no line: then every order in the log is looked at
    /// again, which finds nothing to do where it was carried out.
    static func read(in directory: FilePath, _ fileSystem: any FileSystem) throws(EventLogError) -> ErasureIntent? {
        guard let bytes = try fileSystem.contents(of: directory.appending(self.fileName), limit: self.sizeLimit) else {
            return nil
        }
        return ErasureIntent(text: bytes.span) ?? ErasureIntent(logID: "", after: .start)
    }

    func write(in directory: FilePath, _ fileSystem: any FileSystem) throws(EventLogError) {
        try fileSystem.replaceFile(at: directory.appending(Self.fileName), with: self.text)
    }

    static func remove(in directory: FilePath, _ fileSystem: any FileSystem) throws(EventLogError) {
        try withLogErrors { () throws(FileSystemError) in
            try fileSystem.remove(directory.appending(self.fileName))
            try fileSystem.syncDirectory(directory)
        }
    }
}

extension ErasureIntent {
    var text: [UInt8] { Array("{\"log\":\"\(self.logID)\",\"after\":\(self.after)}\n".utf8) }

    init?(text: Bytes) {
        var text = FixedText(text)
        guard text.literal("{\"log\":\""), let logID = text.untilQuote(),
            text.literal(",\"after\":"), let after = text.integer(), text.literal("}\n"), text.isAtEnd
        else { return nil }
        self.init(logID: String(decoding: logID, as: UTF8.self), after: SequenceNumber(after))
    }
}
