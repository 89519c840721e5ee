import EventLog
import LogValues
import Projections
import RawJSON
import SystemPackage

/// The index of a sealed segment: a file, of which the frames and the first key of each page are kept in memory.
///
///     header       "CHSINDEX", version, segment: base, lines, bytes of its file; where the sections are
///     frames       first line, offset in the segment's file, times: first, last, earliest, latest
///     posts        hash of a message's uuid, line                              by hash
///     changes      the same for edits and deletions
///     erasures     number of an erased line, line that says so                 by number
///     channels     hash of a name, line that first names it, start and count of its postings    by hash
///     postings     lines, channel by channel
///     directories  the first key of each page of posts, changes, erasures, channels
///
/// A cache: whatever is wrong with it, it is made anew from the segment. It holds no names and no content.
struct SegmentIndex: Sendable {
    private static let magic: UInt64 = 0x5845_444E_4953_4843  // "CHSINDEX"
    private static let version: UInt32 = 2
    private static let recordSizes: [Int] = [44, 12, 12, 12, 20, 4, 8, 8, 8, 8]
    /// Bytes of the header before the sections.
    private static let headSizeBytes = 48
    private static let sectionSizeBytes = 16

    /// What a table with keys needs to be searched.
    private struct Table: Sendable {
        let section: IndexSection
        /// The first key of each page.
        let directory: [UInt64]
    }

    let segment: SegmentName
    let lineCount: UInt32
    let frames: [SegmentDraft.Frame]
    private let path: FilePath
    private let posts: Table
    private let changes: Table
    private let erasures: Table
    private let channels: Table
    private let postings: IndexSection

    /// The file's name, for a segment.
    static func fileName(of segment: SegmentName) -> String {
        segment.fileName.prefix { $0 != "." } + ".index"
    }

    // MARK: Reading

    /// Opens an index file.
    ///
    /// - Parameters:
    ///   - folder: Where index files are.
    ///   - expected: What the file has to be an index of.
    ///   - fileSystem: Where the files are.
    /// - Throws: ``IndexFileError`` if there is none, or none that can be used.
    init(in folder: FilePath, of expected: Identity, _ fileSystem: any FileSystem) throws(IndexFileError) {
        let path = folder.appending(Self.fileName(of: expected.segment))
        let base = expected.segment.base.rawValue
        let reader = try IndexPageReader(path, base: base, fileSystem)
        let header = try reader.payload(of: 0)
        guard let sections = Self.parse(header, expected) else { throw .outdated }
        self.path = path
        self.segment = expected.segment
        self.lineCount = expected.lineCount
        self.frames = try Self.frames(sections[0], reader)
        self.posts = try Self.table(sections[1], sections[6], reader)
        self.changes = try Self.table(sections[2], sections[7], reader)
        self.erasures = try Self.table(sections[3], sections[8], reader)
        self.channels = try Self.table(sections[4], sections[9], reader)
        self.postings = sections[5]
    }

    /// What an index file is of: if any of it differs, the file is outdated.
    struct Identity: Equatable, Sendable {
        let segment: SegmentName
        let lineCount: UInt32
        /// Bytes of the segment's file: an erasure rewrites it.
        let sizeBytes: UInt64
        /// Of the log's id.
        let log: UInt64
    }

    /// Whether there is a file that says to be an index of this; whether its pages are right is not looked at.
    static func isThere(in folder: FilePath, of expected: Identity, _ fileSystem: any FileSystem) -> Bool {
        let path = folder.appending(Self.fileName(of: expected.segment))
        let reader = try? IndexPageReader(path, base: expected.segment.base.rawValue, fileSystem)
        return (try? reader?.payload(of: 0)).map { Self.parse($0, expected) != nil } ?? false
    }

    private static func parse(_ header: [UInt8], _ expected: Identity) -> [IndexSection]? {
        let bytes = header.span
        guard bytes.number(at: 0) == Self.magic, bytes.number(at: 8) == Self.version,
            bytes.number(at: 12) == expected.lineCount, bytes.number(at: 16) == expected.log,
            bytes.number(at: 24) == expected.segment.base.rawValue, bytes.number(at: 32) == expected.sizeBytes,
            bytes.number(at: 40) == UInt64(Self.recordSizes.count)
        else { return nil }
        var sections: [IndexSection] = []
        for (index, size) in Self.recordSizes.enumerated() {
            let at = Self.headSizeBytes + index * Self.sectionSizeBytes
            let section = IndexSection(
                firstPage: bytes.number(at: at),
                recordSize: bytes.number(at: at + 4),
                count: bytes.number(at: at + 8)
            )
            guard section.recordSize == UInt32(size), section.count <= UInt64(UInt32.max) else { return nil }
            sections.append(section)
        }
        return sections
    }

    private static func frames(
        _ section: IndexSection,
        _ reader: IndexPageReader
    ) throws(IndexFileError) -> [SegmentDraft.Frame] {
        var frames: [SegmentDraft.Frame] = []
        for index in 0..<Int(section.count) {
            frames.append(
                try reader.record(index, of: section) { record in
                    SegmentDraft.Frame(
                        firstLine: record.number(at: 0),
                        offset: record.number(at: 4),
                        times: SegmentDraft.Times(
                            first: Timestamp(microseconds: record.number(at: 12)),
                            last: Timestamp(microseconds: record.number(at: 20)),
                            earliest: Timestamp(microseconds: record.number(at: 28)),
                            latest: Timestamp(microseconds: record.number(at: 36))
                        )
                    )
                }
            )
        }
        return frames
    }

    private static func table(
        _ section: IndexSection,
        _ directory: IndexSection,
        _ reader: IndexPageReader
    ) throws(IndexFileError) -> Table {
        guard Int(directory.count) == section.pageCount else { throw .outdated }
        var keys: [UInt64] = []
        for index in 0..<section.pageCount {
            keys.append(try reader.record(index, of: directory) { $0.number(at: 0) })
        }
        return Table(section: section, directory: keys)
    }

    // MARK: Writing

    /// Writes the index file of a segment that was read to its end.
    ///
    /// In place of an older one, in one step. Not synced: what a power failure leaves fails its checksums.
    static func write(
        _ draft: SegmentDraft,
        _ identity: Identity,
        in folder: FilePath,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) {
        do throws(FileSystemError) {
            _ = try fileSystem.createDirectory(folder)
        } catch {
            throw .fileSystem(error)
        }
        let path = folder.appending(Self.fileName(of: draft.segment))
        try fileSystem.replaceFile(at: path, with: Self.bytes(of: draft, identity), syncs: false)
    }

    private static func bytes(of draft: SegmentDraft, _ identity: Identity) -> [UInt8] {
        var pages = IndexPageWriter(base: identity.segment.base.rawValue)
        var sections: [IndexSection] = []
        var directories: [[UInt64]] = []
        sections.append(
            pages.section(of: draft.frames, recordSize: Self.recordSizes[0]) { frame, bytes in
                bytes.append(littleEndian: frame.firstLine)
                bytes.append(littleEndian: frame.offset)
                for time in [frame.times.first, frame.times.last, frame.times.earliest, frame.times.latest] {
                    bytes.append(littleEndian: time.microseconds)
                }
            }
        )
        for table in [draft.posts, draft.changes, draft.erasures] {
            let entries = table.entries.sorted { ($0.key, $0.line) < ($1.key, $1.line) }
            let section = pages.section(of: entries, recordSize: 12) { entry, bytes in
                bytes.append(littleEndian: entry.key)
                bytes.append(littleEndian: entry.line)
            }
            sections.append(section)
            directories.append(section.firstKeys { entries[$0].key })
        }
        let channels = draft.channels.sorted { $0.key < $1.key }.flatMap { hash, channels in
            channels.map { (key: hash, channel: $0) }
        }
        var start: UInt32 = 0
        let section = pages.section(of: channels, recordSize: Self.recordSizes[4]) { entry, bytes in
            bytes.append(littleEndian: entry.key)
            bytes.append(littleEndian: entry.channel.firstLine)
            bytes.append(littleEndian: start)
            bytes.append(littleEndian: UInt32(entry.channel.posted.count))
            start += UInt32(entry.channel.posted.count)
        }
        sections.append(section)
        directories.append(section.firstKeys { channels[$0].key })
        let postings = channels.flatMap(\.channel.posted)
        sections.append(
            pages.section(of: postings, recordSize: Self.recordSizes[5]) { $1.append(littleEndian: $0) }
        )
        for keys in directories {
            sections.append(pages.section(of: keys, recordSize: 8) { $1.append(littleEndian: $0) })
        }
        pages.finish(header: Self.header(identity, sections))
        return pages.bytes
    }

    private static func header(_ identity: Identity, _ sections: [IndexSection]) -> [UInt8] {
        var header: [UInt8] = []
        header.append(littleEndian: Self.magic)
        header.append(littleEndian: Self.version)
        header.append(littleEndian: identity.lineCount)
        header.append(littleEndian: identity.log)
        header.append(littleEndian: identity.segment.base.rawValue)
        header.append(littleEndian: identity.sizeBytes)
        header.append(littleEndian: UInt64(sections.count))
        for section in sections {
            header.append(littleEndian: section.firstPage)
            header.append(littleEndian: section.recordSize)
            header.append(littleEndian: section.count)
        }
        return header
    }
}

extension IndexSection {
    /// The first key of each page.
    fileprivate func firstKeys(_ key: (Int) -> UInt64) -> [UInt64] {
        (0..<self.pageCount).map { key($0 * self.recordsPerPage) }
    }
}

extension SegmentIndex {
    /// Answers of one request: the file is open while it lives, and a page is read once.
    struct Lookup: SegmentLookup {
        private let index: SegmentIndex
        private let reader: IndexPageReader

        init(_ index: SegmentIndex, _ fileSystem: any FileSystem) throws(IndexFileError) {
            self.index = index
            self.reader = try IndexPageReader(index.path, base: index.segment.base.rawValue, fileSystem)
        }

        func posts(ofMessage hash: UInt64) throws(IndexFileError) -> [UInt32] {
            try self.records(of: hash, in: self.index.posts) { $0.number(at: 8) }
        }

        func changes(ofMessage hash: UInt64) throws(IndexFileError) -> [UInt32] {
            try self.records(of: hash, in: self.index.changes) { $0.number(at: 8) }
        }

        func erasures(ofLine number: UInt64) throws(IndexFileError) -> [UInt32] {
            try self.records(of: number, in: self.index.erasures) { $0.number(at: 8) }
        }

        func mentions(ofChannel hash: UInt64) throws(IndexFileError) -> [UInt32] {
            try self.records(of: hash, in: self.index.channels) { $0.number(at: 8) }.sorted()
        }

        func posted(
            toChannel hash: UInt64,
            in lines: Range<UInt32>,
            limit: Int,
            fromEnd: Bool
        ) throws(IndexFileError) -> [UInt32] {
            let rows = try self.records(of: hash, in: self.index.channels) { record in
                (start: Int(record.number(at: 12, as: UInt32.self)), count: Int(record.number(at: 16, as: UInt32.self)))
            }
            var found: [UInt32] = []
            for row in rows {
                let lines = try AscendingLines(count: row.count) { offset throws(IndexFileError) in
                    try self.reader.record(row.start + offset, of: self.index.postings) { $0.number(at: 0) }
                }.lines(in: lines, limit: limit, fromEnd: fromEnd)
                found += lines
            }
            return found.sorted().limited(to: limit, fromEnd: fromEnd)
        }

        /// The records with a key: on the page before the first that begins with it or a later key, and on.
        private func records<Record>(
            of key: UInt64,
            in table: Table,
            _ read: (Bytes) -> Record
        ) throws(IndexFileError) -> [Record] {
            let section = table.section
            var (low, high) = (0, table.directory.count)
            while low < high {
                let middle = (low + high) / 2
                if table.directory[middle] < key { low = middle + 1 } else { high = middle }
            }
            var index = max(0, low - 1) * section.recordsPerPage
            let pageEnd = min(index + section.recordsPerPage, Int(section.count))
            if index < pageEnd { index = try self.firstIndex(in: index..<pageEnd, notBelow: key, section) }
            var records: [Record] = []
            while index < Int(section.count) {
                let found = try self.reader.record(index, of: section) { record in
                    record.number(at: 0) == key ? read(record) : nil
                }
                guard let found else { break }
                records.append(found)
                index += 1
            }
            return records
        }

        private func firstIndex(
            in range: Range<Int>,
            notBelow key: UInt64,
            _ section: IndexSection
        ) throws(IndexFileError) -> Int {
            var (low, high) = (range.lowerBound, range.upperBound)
            while low < high {
                let middle = (low + high) / 2
                let found: UInt64 = try self.reader.record(middle, of: section) { $0.number(at: 0) }
                if found < key { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }
}
