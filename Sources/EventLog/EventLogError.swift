package import LogValues
package import SystemPackage

/// The ways in which a log can go wrong.
///
/// Each case carries what identifies the trouble; the description says what happened, where, and what to do next.
package enum EventLogError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A system call failed.
    case fileSystem(FileSystemError)
    /// Another process has the data directory open for writing.
    case locked(FilePath)
    /// The file of the lock that is held is no longer there, or another one is: others may think that they hold it.
    case lockLost(FilePath)
    /// The segment that is being written is no longer there, or another file is, so that nobody will find what is written.
    case segmentGone(FilePath)
    /// The file system cannot bring a directory's entries to the disk, on which the promises of durability rest.
    case directorySyncImpossible(FilePath)
    /// Segments stand in the data directory itself, where no log is looked for.
    case misplacedSegments(directory: FilePath, first: SegmentName)
    /// Bytes of a segment are not what was written. `offset` is where the damaged structure (frame header, block, end
    /// mark) begins, in bytes from the start of the file.
    case damaged(file: String, offset: UInt64, Damage)
    /// The segment is written in a format that this program does not know.
    case unknownFormat(file: String, format: UInt64)
    /// The log ends before the place up to which the `synced` file says it had been synced.
    case endsBeforeSynced(synced: SequenceNumber, end: SequenceNumber?)
    /// The log reaches far enough, but its tree had another root at the place that the `synced` file names.
    case differsFromSynced(SequenceNumber)
    /// A file beside the log tells of a line that the log does not reach; `file` is its path in the data directory.
    case endsBeforeWitness(file: String, line: SequenceNumber, end: SequenceNumber?)
    /// The `synced` file cannot be understood, or belongs to another log.
    case syncedNoteUnreadable(FilePath)
    /// No segment holds this line: the first one that is there begins behind it.
    case missingLine(SequenceNumber, firstSegment: SegmentName)
    /// No segment holds these lines, though there are segments before and behind them.
    case missingLines(first: SequenceNumber, last: SequenceNumber, after: SegmentName)
    /// Retention dropped the lines before `first`, and no snapshot that can be used stands for them.
    case historyIncomplete(first: SequenceNumber)
    /// A snapshot's line is longer than any that is read again.
    case snapshotLineTooLong(sizeBytes: Int)
    /// A segment that was written anew, without contents, does not have the lines of the one it was to replace.
    case rewriteDiffers(file: String)
    /// liblz4 refused to compress. `code` is its error's name.
    case compression(code: String)
    /// The log was closed; nothing can be appended any more.
    case closed

    /// Whether something has run short that may be there again later: room, descriptors.
    package var isShortage: Bool {
        if case .fileSystem(let error) = self { error.isShortage } else { false }
    }

    package var description: String {
        switch self {
        case .fileSystem(let error):
            error.description
        case .locked(let path):
            "\(path) is locked: another process has this log open for writing; stop it, or use another data directory"
        case .lockLost(let path):
            "\(path) was removed or replaced while this process held it: another process may be writing the same log, so"
                + " nothing is written any more; make sure that there is none, run `channelstream-log verify`, then restart"
        case .segmentGone(let path):
            "\(path) was removed or replaced while it was being written, so nothing is written any more; as long as this"
                + " process runs, its bytes can be copied from one of the files in /proc/<process>/fd; put them back in their"
                + " place, or restore the file from a backup, then restart"
        case .directorySyncImpossible(let path):
            "the file system of \(path) cannot sync directories, so a new file may be gone after a power failure, which"
                + " durability = always and interval exclude; use another file system, or durability = os"
        case .misplacedSegments(let directory, let first):
            "segments (\(first), …) stand in \(directory) itself; a data directory has them in its folder `log`: "
                + (directory.lastComponent?.string == "log"
                    ? "name the directory above" : "move them there, or name the directory that has them so")
        case .damaged(let file, let offset, let damage):
            "\(file): damaged at byte \(offset): \(damage); run `channelstream-log verify` on a copy"
        case .unknownFormat(let file, let format):
            "\(file): written in format \(format), which this version does not know; use a newer version"
        case .endsBeforeSynced(let synced, let end):
            "the log was synced up to line \(synced) but ends \(end.map { "at line \($0)" } ?? "before its first line")"
                + "; restore the missing segments, or go on without them in what `channelstream-log repair` makes of it"
        case .endsBeforeWitness(let file, let line, let end):
            "\(file) tells of line \(line), but the log ends \(end.map { "at line \($0)" } ?? "before its first line")"
                + ": its end is missing; restore the missing segments, or go on without them in what "
                + "`channelstream-log repair` makes of it. After a power failure at durability interval or os, start once at "
                + "that level: lines that were never synced may be gone there"
        case .differsFromSynced(let sequenceNumber):
            "the log up to line \(sequenceNumber) is not the one that `synced` describes"
                + "; run `channelstream-log verify` on a copy"
        case .syncedNoteUnreadable(let path):
            "\(path) is damaged or belongs to another log; verify the log, then remove that file"
        case .missingLine(let sequenceNumber, let segment):
            "no segment holds line \(sequenceNumber): the log begins with line \(segment.base) in \(segment); unless retention"
                + " dropped what was before, look for a missing segment file"
        case .missingLines(let first, let last, let segment):
            "lines \(first) to \(last) are missing: \(segment) ends before them, and the next segment begins behind them"
                + "; restore the segment \(SegmentName(base: first)), and what may follow it, from a backup"
        case .historyIncomplete(let first):
            "the log begins with line \(first), and no snapshot stands for the lines before it that were dropped"
                + "; restore the snapshots, or the dropped segments, from a backup"
        case .snapshotLineTooLong(let size):
            "a line of \(size) bytes is too long for a snapshot"
        case .rewriteDiffers(let file):
            "\(file): writing it anew gave other lines, so it was left as it is; check memory and disk, and try again"
        case .compression(let code):
            "liblz4 failed: \(code)"
        case .closed:
            "the log is closed"
        }
    }
}

/// The ways in which the bytes at a place in a segment can be wrong.
package enum Damage: Hashable, Sendable, CustomStringConvertible {
    /// The file ends inside a structure.
    case incomplete
    /// A sealed segment, or a frame before another one, has no end mark.
    case unended
    /// Neither a frame nor the end of the file.
    case frameMagic
    /// The frame's header fails its checksum, or is not the one that this format prescribes.
    case frameHeader
    /// A block claims to be longer than the format allows.
    case blockSize(UInt32)
    case blockChecksum
    /// The block passes its checksum, but does not decode where it stands.
    case blockDecoding
    /// The text of the frame is not what was written, though each block is whole.
    case contentChecksum
    /// The segment's first line is not a header.
    case segmentHeader
    /// The segment's header says another first line than its file name.
    case segmentBase(expected: SequenceNumber, found: SequenceNumber)
    /// The segment belongs to another log.
    case otherLog(expected: String, found: String)
    /// The header's frontier does not fit the base, or its hash.
    case segmentFrontier
    /// The text is not a line as this format prescribes.
    case line
    case sequence(expected: SequenceNumber, found: SequenceNumber)
    /// The line belongs into a later segment.
    case unexpectedLine(SequenceNumber)
    /// The frame ends before the line, or the proposal, does.
    case unfinishedProposal
    /// A line is longer than any that is ever written.
    case lineTooLong
    /// The first line of a snapshot is not one, or what it says does not fit the file's name or itself.
    case snapshotHeader
    /// The salt or the content is not where the format has them.
    case content

    package var description: String {
        switch self {
        case .incomplete: "the file ends inside a block or header"
        case .unended: "the file ends without an end mark"
        case .frameMagic: "no frame begins here"
        case .frameHeader: "the frame header is wrong"
        case .blockSize(let size): "a block of \(size) bytes is too long"
        case .blockChecksum: "the block fails its checksum"
        case .blockDecoding: "the block does not decode"
        case .contentChecksum: "the frame fails its content checksum"
        case .segmentHeader: "the segment's header line is wrong"
        case .segmentBase(let expected, let found): "the segment begins with line \(found) instead of \(expected)"
        case .otherLog(let expected, let found): "the segment belongs to log \(found) instead of \(expected)"
        case .segmentFrontier: "the frontier in the segment's header is wrong"
        case .line: "the text is not an event line"
        case .sequence(let expected, let found): "line \(found) stands where \(expected) belongs"
        case .unexpectedLine(let sequenceNumber): "line \(sequenceNumber) belongs into a later segment"
        case .unfinishedProposal: "the frame ends inside a line or a proposal"
        case .lineTooLong: "a line is too long"
        case .snapshotHeader: "the snapshot's header line is wrong"
        case .content: "the line's salt or content is malformed"
        }
    }
}
