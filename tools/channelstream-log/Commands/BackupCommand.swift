import ArgumentParser
import EventLog
import LogValues
import SystemPackage

/// `backup`: a consistent copy of a log, also of one that is being written.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies a log, also while a server writes it, and verifies the copy.",
        discussion: """
            The copy is a log that ends with the last whole commit at the moment of copying; a hub that is started on it is \
            the same hub as of then. The public key `node.pub` goes along, the secret one does not: keep `node.key` apart. \
            A log with a torn tail is copied without it; a damaged one is not copied (see `repair`).

            EXAMPLES
              channelstream-log backup data/hub /backups/hub-$(date +%F)
            """
    )

    @OptionGroup var log: LogArgument

    @Argument(help: "A directory that does not exist yet.", completion: .directory)
    var target: String

    @Flag(name: .customLong("no-verify"), help: "Do not verify the copy.")
    var skipsVerification = false

    func run() throws {
        let directory = try self.log.resolve()
        let end = try Self.copy(directory, to: FilePath(self.target))
        if !self.skipsVerification {
            let result = try VerifyCommand.verify(FilePath(self.target), checksState: false, needsDropRecord: false)
            if let finding = result.findings.first {
                throw ToolFailure(finding.status, "the copy in \(self.target) does not verify: \(finding.text)")
            }
        }
        let first = try withToolFailures { try SegmentCatalog(FilePath(self.target)).firstLine }
        Diagnostics.say("\(self.target): \(end.map { "lines \(first)–\($0)" } ?? "no lines")")
    }

    /// - Returns: The last line of the copy.
    /// - Throws: ``ToolFailure``.
    static func copy(_ directory: FilePath, to target: FilePath) throws -> SequenceNumber? {
        let copy = try LogCopy(from: directory, to: target)
        // First of all, so that what they stand for is in the segments that are copied after them.
        try copy.copySnapshots()
        // What is copied is decided before: the writer only appends, so whatever comes later lies behind.
        let catalog = try withToolFailures { try SegmentCatalog(directory) }
        let (last, size) = try withToolFailures { try Self.end(of: catalog, in: directory) }
        for segment in catalog.segments where segment < last { try copy.copy(segment) }
        if size > 0 { try copy.copy(last, size: size) }
        // If it was ended meanwhile, an erasure may have written it anew, and the size is another file's. It is whole now.
        if try withToolFailures({ try SegmentCatalog(directory).segments.last }) != last, size > 0 {
            try copy.copy(last, .replace)
        }
        // After the segments: what is gone from them is in it by then.
        try copy.copyDropNote()
        try copy.copyKeys()
        return try copy.finish()
    }

    /// The last segment, and how many bytes of it are whole commits.
    private static func end(of catalog: SegmentCatalog, in directory: FilePath) throws -> (SegmentName, UInt64) {
        guard let last = catalog.segments.last, var cursor = try LogReader(directory).cursor(from: last.base) else {
            return (SegmentName(base: .first), 0)
        }
        while try cursor.advance() {}
        // The log may have gone on into a segment that is not in the catalog.
        let end = cursor.commitEnd
        return end.segment == last ? (last, end.offset) : (end.segment, 0)
    }
}
