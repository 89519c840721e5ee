package import EventLog
package import LogValues
package import Logging
import Projections
import Synchronization
package import SystemPackage

/// Finds the lines of messages and channels, and where they stand, without reading the log.
///
/// Under `indexes/` stands a file for each sealed segment; the part of the live segment is in memory. Both are caches:
/// what is missing, damaged or outdated is made anew from the segment. It is brought up to date by ``catchUp()``, and by
/// every reading, so that what was committed before a reading is found by it.
///
/// Everything here blocks: call it on a thread pool.
package final class MessageIndex: Sendable {
    package static let folderName = "indexes"
    /// Lines that are read before the lock on the live part is taken.
    private static let batchCount = 1024
    /// Index files that one reading may find damaged before it gives up.
    private static let repairLimit = 8

    struct Contents {
        /// In order.
        var sealed: [SegmentIndex] = []
        /// The last segment.
        var live: SegmentDraft?
        /// Whether it has caught up with the log once.
        var isReady = false
        var segmentCount = 0
    }

    let directory: FilePath
    let fileSystem: any FileSystem
    let hash: IndexHash
    /// Lines that are to be shown as erased.
    let erasures: PendingErasures
    private let logID: UInt64
    private let end: @Sendable () -> SequenceNumber?
    private let logger: Logger
    let contents = Mutex(Contents())
    /// Taken for the length of a catch-up, which is one at a time.
    ///
    /// Not to be waited for by anything but threads that block anyway.
    private let following = Mutex(())
    private let stopFlag = Atomic(false)

    /// - Parameters:
    ///   - directory: The data directory.
    ///   - logID: The log's id.
    ///   - end: The last line that is committed; how far the log may be read.
    ///   - fileSystem: Where the files are.
    ///   - erasures: Lines that are to be shown as erased.
    ///   - logger: Told of index files that had to be made anew.
    package convenience init(
        _ directory: FilePath,
        logID: String,
        end: @escaping @Sendable () -> SequenceNumber?,
        fileSystem: any FileSystem = PosixFileSystem(),
        erasures: PendingErasures = PendingErasures(),
        logger: Logger
    ) {
        self.init(
            directory,
            logID: logID,
            end: end,
            fileSystem: fileSystem,
            hash: .standard,
            erasures: erasures,
            logger: logger
        )
    }

    init(
        _ directory: FilePath,
        logID: String,
        end: @escaping @Sendable () -> SequenceNumber?,
        fileSystem: any FileSystem,
        hash: IndexHash,
        erasures: PendingErasures = PendingErasures(),
        logger: Logger
    ) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.hash = hash
        self.erasures = erasures
        self.logID = IndexHash.standard.channel(ChannelName(logID))
        self.end = end
        self.logger = logger
    }

    private var folder: FilePath { self.directory.appending(Self.folderName) }

    // MARK: Asking

    /// The lines about a message, in order: post, edits, deletion, and the erasures of any of these.
    ///
    /// - Throws: ``IndexError``, or ``EventLogError`` if the log cannot be read.
    package func lines(ofMessage uuid: UUID128) throws -> [SequenceNumber] {
        try self.read { try $0.lines(ofMessage: uuid) }
    }

    /// Asks several things of the index as it is now.
    ///
    /// If an index file turns out to be damaged or outdated, it is made anew, and `body` is called again.
    ///
    /// - Throws: ``IndexError/building(segments:of:)`` until the whole log has been indexed, ``EventLogError`` if the
    ///   log cannot be read, and what `body` throws.
    package func read<R>(_ body: (IndexView) throws -> R) throws -> R {
        var repairs = 0
        while true {
            let (isReady, done, count) = self.contents.withLock { ($0.isReady, $0.sealed.count, $0.segmentCount) }
            guard isReady else { throw IndexError.building(segments: done, of: count) }
            try self.catchUp()
            do {
                return try body(IndexView(self, end: self.indexedEnd))
            } catch let stale as StaleIndex {
                repairs += 1
                guard repairs <= Self.repairLimit else { throw IndexError.unusable(stale.segment) }
                self.logger.warning("index file is damaged", metadata: ["segment": "\(stale.segment)"])
                self.setAsideIfItFits(stale.segment)
                self.discard(stale.segment)
            }
        }
    }

    private var indexedEnd: SequenceNumber? {
        self.contents.withLock { contents in
            let next = contents.live?.nextLine ?? contents.sealed.last?.next ?? .first
            return next == .first ? nil : SequenceNumber(next.rawValue - 1)
        }
    }

    /// Forgets what is known of a segment, whose file was rewritten or whose index is of no use.
    package func discard(_ segment: SegmentName) {
        self.contents.withLock { contents in
            contents.sealed.removeAll { $0.segment == segment }
            if contents.live?.segment == segment { contents.live = nil }
        }
        // If it cannot be removed, its checksums or its size give it away.
        try? self.fileSystem.remove(self.folder.appending(SegmentIndex.fileName(of: segment)))
    }

    /// Keeps an index of which the segment says otherwise, under a name that nobody reads: it may be the segment that is
    /// another.
    ///
    /// Only one that says by its header to be this segment's: another version's, or that of a segment which an erasure has
    /// rewritten, tells nothing. In place of one that was kept before; if it cannot be kept, it is no more than a cache.
    private func setAsideIfItFits(_ identity: SegmentIndex.Identity) {
        guard SegmentIndex.isThere(in: self.folder, of: identity, self.fileSystem) else { return }
        let path = self.folder.appending(SegmentIndex.fileName(of: identity.segment))
        try? self.fileSystem.rename(path, to: FilePath(path.string + ".replaced"))
    }

    private func setAsideIfItFits(_ segment: SegmentName) {
        let path = self.directory.appending(SegmentCatalog.folderName).appending(segment.fileName)
        guard let next = self.contents.withLock({ $0.sealed.first { $0.segment == segment }?.next }),
            let identity = try? self.identity(segment, next, path)
        else { return }
        self.setAsideIfItFits(identity)
    }

    /// Ends a catch-up that is going on, and every later one that has much to read, with ``EventLogError/closed``.
    package func stop() {
        self.stopFlag.store(true, ordering: .relaxed)
    }

    /// Whether the server stops: what takes long is to be broken off.
    package var isStopped: Bool { self.stopFlag.load(ordering: .relaxed) }

    // MARK: Catching up

    /// Reads what was committed and is not indexed yet; the first time, opens or makes the index files.
    ///
    /// - Throws: ``EventLogError`` if the log cannot be read, or an index file not be written.
    package func catchUp() throws(EventLogError) {
        // `withLock` knows no typed errors of several kinds, so that the result travels as a value.
        let error = self.following.withLock { _ -> EventLogError? in
            do throws(EventLogError) {
                try self.follow()
                return nil
            } catch {
                return error
            }
        }
        if let error { throw error }
    }

    private func follow() throws(EventLogError) {
        guard let end = self.end() else { return self.contents.withLock { $0.isReady = true } }
        guard self.contents.withLock({ !$0.covers(end) }) else { return }
        let catalog = try SegmentCatalog(self.directory, fileSystem: self.fileSystem)
        self.forgetSegments(notIn: catalog)
        for (index, segment) in catalog.segments.enumerated() where segment.base <= end {
            let next = index + 1 < catalog.segments.count ? catalog.segments[index + 1].base : nil
            guard let next, next.rawValue - 1 <= end.rawValue else {
                try self.followLive(segment, through: end)
                break
            }
            try self.seal(segment, before: next, at: catalog.path(of: segment))
        }
        self.contents.withLock { $0.isReady = true }
    }

    /// Retention drops whole segments, from the oldest on.
    private func forgetSegments(notIn catalog: SegmentCatalog) {
        let gone = self.contents.withLock { contents -> [SegmentName] in
            contents.segmentCount = catalog.segments.count
            let gone = contents.sealed.map(\.segment).filter { !catalog.segments.contains($0) }
            contents.sealed.removeAll { gone.contains($0.segment) }
            return gone
        }
        guard gone.isEmpty else { return gone.forEach(self.discard) }
        guard !self.contents.withLock(\.isReady), let first = catalog.segments.first,
            let names = try? self.fileSystem.list(self.folder)
        else { return }
        // Files that an earlier run left, of segments that were dropped since.
        for name in names where name < SegmentIndex.fileName(of: first) {
            try? self.fileSystem.remove(self.folder.appending(name))
        }
    }

    private func followLive(_ segment: SegmentName, through last: SequenceNumber) throws(EventLogError) {
        self.contents.withLock { contents in
            guard contents.live?.segment != segment else { return }
            contents.live = SegmentDraft(segment, hash: self.hash)
        }
        let start = self.contents.withLock { $0.live.map { ($0.nextLine, $0.lastPlace) } }
        guard let (next, place) = start else { return }
        try self.readLines(from: next, through: last, skippingTo: place) { lines in
            self.contents.withLock { contents in
                for line in lines { contents.live?.append(line.line, frameOffset: line.frameOffset) }
            }
        }
    }

    /// Opens the index file of a segment that grows no more, or makes it.
    private func seal(
        _ segment: SegmentName,
        before next: SequenceNumber,
        at path: FilePath
    ) throws(EventLogError) {
        guard self.contents.withLock({ !$0.sealed.contains { $0.segment == segment } }) else { return }
        let last = SequenceNumber(next.rawValue - 1)
        let draft: SegmentDraft
        if let live = self.contents.withLock({ $0.live }), live.segment == segment {
            try self.followLive(segment, through: last)
            draft = self.contents.withLock { $0.live } ?? live
        } else {
            if let found = try self.openFile(of: segment, before: next, at: path) { return self.add(found) }
            self.setAsideIfItFits(try self.identity(segment, next, path))
            var made = SegmentDraft(segment, hash: self.hash)
            try self.readLines(from: segment.base, through: last, skippingTo: nil) { lines in
                for line in lines { made.append(line.line, frameOffset: line.frameOffset) }
            }
            draft = made
        }
        try SegmentIndex.write(draft, try self.identity(segment, next, path), in: self.folder, self.fileSystem)
        guard let made = try self.openFile(of: segment, before: next, at: path) else {
            throw .fileSystem(FileSystemError(.read, self.folder, .ioError))
        }
        self.add(made)
    }

    private func add(_ index: SegmentIndex) {
        self.contents.withLock { contents in
            contents.sealed.append(index)
            contents.sealed.sort { $0.segment < $1.segment }
            if contents.live?.segment == index.segment { contents.live = nil }
        }
    }

    /// Nil if there is none that can be used.
    private func openFile(
        of segment: SegmentName,
        before next: SequenceNumber,
        at path: FilePath
    ) throws(EventLogError) -> SegmentIndex? {
        let identity = try self.identity(segment, next, path)
        do {
            return try SegmentIndex(in: self.folder, of: identity, self.fileSystem)
        } catch {
            switch error {
            case .outdated: break
            case .damagedPage, .fileSystem:
                self.logger.warning("index file is damaged", metadata: ["segment": "\(segment)"])
            }
            return nil
        }
    }

    private func identity(
        _ segment: SegmentName,
        _ next: SequenceNumber,
        _ path: FilePath
    ) throws(EventLogError) -> SegmentIndex.Identity {
        do {
            let file = try self.fileSystem.open(path, .read)
            defer { self.fileSystem.close(file) }
            return SegmentIndex.Identity(
                segment: segment,
                lineCount: UInt32(clamping: next.rawValue - segment.base.rawValue),
                sizeBytes: try self.fileSystem.size(file),
                log: self.logID
            )
        } catch {
            throw .fileSystem(error)
        }
    }

    private typealias ReadLine = (line: IndexedLine?, frameOffset: UInt64)

    /// Reads lines of one segment, and hands them out in batches.
    private func readLines(
        from first: SequenceNumber,
        through last: SequenceNumber,
        skippingTo place: FramePlace?,
        _ body: ([ReadLine]) -> Void
    ) throws(EventLogError) {
        let reader = LogReader(self.directory, fileSystem: self.fileSystem)
        var cursor = try reader.cursor(from: first, through: last, skippingTo: place)
        var batch: [ReadLine] = []
        var next = first
        while try cursor?.advance() == true, let line = cursor?.line {
            batch.append((IndexedLine(line.bytes), line.frameOffset))
            next = line.sequenceNumber.next
            guard batch.count == Self.batchCount else { continue }
            if self.isStopped { throw .closed }
            body(batch)
            batch.removeAll(keepingCapacity: true)
        }
        if !batch.isEmpty { body(batch) }
        guard next > last else {
            throw .missingLine(next, firstSegment: cursor?.commitEnd.segment ?? SegmentName(base: first))
        }
    }
}

extension MessageIndex.Contents {
    /// Whether all lines up to this one are indexed.
    fileprivate func covers(_ end: SequenceNumber) -> Bool {
        guard self.isReady, let live = self.live, live.nextLine > end else { return false }
        // A segment before the live one may have been forgotten.
        return self.sealed.last.map { $0.next == live.segment.base } ?? (self.segmentCount == 1)
            && self.sealed.count + 1 == self.segmentCount
    }
}

extension MessageIndex.Contents {
    /// The last sealed segment that begins at a line or before it.
    func lastSealed(through number: SequenceNumber) -> SegmentIndex? {
        var (low, high) = (0, self.sealed.count)
        while low < high {
            let middle = (low + high) / 2
            if self.sealed[middle].segment.base <= number { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : self.sealed[low - 1]
    }
}

extension SegmentIndex {
    /// The line after its last.
    var next: SequenceNumber { SequenceNumber(self.segment.base.rawValue + UInt64(self.lineCount)) }
}

/// Why the index gives no answer.
package enum IndexError: Error, Equatable {
    /// It is being made after a start; so many segments are done.
    case building(segments: Int, of: Int)
    /// The index of this segment is damaged again and again.
    case unusable(SegmentName)
}

/// An index file that does not fit its segment; found while reading, and made anew.
struct StaleIndex: Error {
    let segment: SegmentName
}
