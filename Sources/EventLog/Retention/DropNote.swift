package import LogValues
import RawJSON
package import SystemPackage

/// The file `dropped` beside a log: which first lines went here while another node wrote the log, and by which rule.
///
///     {"log":"<log id>","first":1,"size":1200,"root":"<root of the first 1200 lines>","reason":"retention_age","limit":60}
///
/// What a follower drops for itself can be no event of its primary's log. This stands for the event, and is on the disk
/// before anything goes. Whoever decides in this directory later has the log say it, and removes the file. Nobody signs it.
package struct DropNote: Equatable, Sendable {
    package static let fileName = "dropped"
    /// The reason where no more is known than that a follower had dropped them, or had never had them.
    package static let followedReason = "followed"
    private static let sizeLimit = 1024

    package let logID: String
    /// The first line that went.
    package var first: SequenceNumber
    /// How many lines are gone, counted from line 1: the number of the last one.
    package let size: UInt64
    /// The root of the tree of these lines.
    package let root: Hash256
    /// The setting that asked for it, and what that allows; as `log.dropped` has both.
    package let reason: String
    package let limit: UInt64

    package init(logID: String, _ loss: LogRetention.Loss, reason: String, limit: UInt64) {
        self.logID = logID
        self.first = loss.first
        self.size = loss.frontier.size
        self.root = loss.frontier.root
        self.reason = reason
        self.limit = limit
    }

    /// Makes the note for a log that begins late and says nothing of it; nil if it begins with line 1.
    package static func ofFollowed(
        _ directory: FilePath,
        fileSystem: any FileSystem = PosixFileSystem()
    ) throws(EventLogError) -> DropNote? {
        let reader = LogReader(directory, fileSystem: fileSystem)
        guard let segment = try SegmentCatalog(directory, fileSystem: fileSystem).segments.first,
            let header = try reader.header(of: segment), header.frontier.size > 0
        else { return nil }
        let loss = LogRetention.Loss(first: .first, frontier: header.frontier)
        return DropNote(logID: header.logID, loss, reason: self.followedReason, limit: 0)
    }

    /// Reads the file; nil if there is none, or it is not as it was written, and so says nothing.
    ///
    /// - Throws: ``EventLogError/fileSystem(_:)``.
    package static func read(
        in directory: FilePath,
        fileSystem: any FileSystem = PosixFileSystem()
    ) throws(EventLogError) -> DropNote? {
        let path = directory.appending(self.fileName)
        return try fileSystem.contents(of: path, limit: self.sizeLimit).flatMap { DropNote(text: $0.span) }
    }

    package func write(
        in directory: FilePath,
        fileSystem: any FileSystem = PosixFileSystem()
    ) throws(EventLogError) {
        try fileSystem.replaceFile(at: directory.appending(Self.fileName), with: self.text)
    }

    /// Removes the file, which is there.
    package static func remove(
        in directory: FilePath,
        fileSystem: any FileSystem = PosixFileSystem()
    ) throws(EventLogError) {
        try withLogErrors { () throws(FileSystemError) in
            try fileSystem.remove(directory.appending(self.fileName))
            try fileSystem.syncDirectory(directory)
        }
    }

    /// Whether it tells of all lines before those that a log has, as far as the log can tell.
    ///
    /// - Parameter header: The one of the first segment that is kept.
    /// - Returns: False also if it belongs to another log, or to another history of this one.
    package func accounts(for header: SegmentHeader) -> Bool {
        guard self.logID == header.logID, self.size >= header.frontier.size else { return false }
        // More was to go than went: what is left will have to agree with the root when it is verified.
        return self.size > header.frontier.size || self.root == header.frontier.root
    }
}

extension DropNote {
    private var text: [UInt8] {
        Array(
            """
            {"log":"\(self.logID)","first":\(self.first),"size":\(self.size),"root":"\(self.root)",\
            "reason":"\(self.reason)","limit":\(self.limit)}

            """.utf8
        )
    }

    private init?(text: Bytes) {
        var text = FixedText(text)
        guard text.literal("{\"log\":\""), let logID = text.untilQuote(),
            text.literal(",\"first\":"), let first = text.integer(),
            text.literal(",\"size\":"), let size = text.integer(),
            text.literal(",\"root\":\""), let root = text.hash(),
            text.literal(",\"reason\":\""), let reason = text.untilQuote(),
            text.literal(",\"limit\":"), let limit = text.integer(),
            text.literal("}\n"), text.isAtEnd
        else { return nil }
        self.logID = String(decoding: logID, as: UTF8.self)
        self.first = SequenceNumber(first)
        self.size = size
        self.root = root
        self.reason = String(decoding: reason, as: UTF8.self)
        self.limit = limit
    }
}
