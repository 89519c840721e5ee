import EventLog
import LogValues
import RawJSON
import SystemPackage

/// Why an index file cannot be used; it is made anew then.
enum IndexFileError: Error, Equatable {
    /// A page fails its checksum, or is not there.
    case damagedPage(UInt32)
    /// The file is another version's, another log's, or of a segment that has changed.
    case outdated
    case fileSystem(FileSystemError)
}

/// The form of an index file: pages with a checksum each, so that a lookup reads and checks no more than it needs.
///
///     page     4 bytes XXH32 of (segment's base, page number, payload), then 4,092 bytes of payload
///     section  records of one size, none across two pages, from a page's start on
enum IndexPage {
    static let sizeBytes = 4096
    static let payloadSizeBytes = Self.sizeBytes - Self.checksumSizeBytes
    static let checksumSizeBytes = 4

    static func recordCount(ofSize size: Int) -> Int { self.payloadSizeBytes / size }

    static func checksum(_ payload: Bytes, number: UInt32, base: UInt64) -> UInt32 {
        var hash = XXH32()
        hash.update(littleEndian: base)
        hash.update(littleEndian: UInt64(number))
        hash.update(payload)
        return hash.digest
    }
}

/// Where a section of an index file is.
struct IndexSection: Equatable, Sendable {
    let firstPage: UInt32
    let recordSize: UInt32
    let count: UInt64

    var recordsPerPage: Int { IndexPage.recordCount(ofSize: Int(self.recordSize)) }
    var pageCount: Int { (Int(clamping: self.count) + self.recordsPerPage - 1) / self.recordsPerPage }

    /// Where a record stands: its page, and the offset in that page's payload.
    func place(of index: Int) -> (page: UInt32, offset: Int) {
        (
            self.firstPage &+ UInt32(truncatingIfNeeded: index / self.recordsPerPage),
            index % self.recordsPerPage * Int(self.recordSize)
        )
    }
}

/// Puts an index file together in memory.
struct IndexPageWriter {
    private let base: UInt64
    private(set) var bytes: [UInt8] = []
    private var payload: [UInt8] = []

    /// Begins with the second page: the first is the header, which is known last.
    init(base: UInt64) {
        self.base = base
        self.bytes = [UInt8](repeating: 0, count: IndexPage.sizeBytes)
    }

    /// Appends a section; `append` appends each record's bytes.
    mutating func section<Records: Collection>(
        of records: Records,
        recordSize: Int,
        append: (Records.Element, inout [UInt8]) -> Void
    ) -> IndexSection {
        let section = IndexSection(
            firstPage: UInt32(self.bytes.count / IndexPage.sizeBytes),
            recordSize: UInt32(recordSize),
            count: UInt64(records.count)
        )
        var left = section.recordsPerPage
        for record in records {
            append(record, &self.payload)
            left -= 1
            guard left == 0 else { continue }
            self.endPage()
            left = section.recordsPerPage
        }
        if !self.payload.isEmpty { self.endPage() }
        return section
    }

    /// Puts the header into the first page.
    mutating func finish(header: [UInt8]) {
        precondition(header.count <= IndexPage.payloadSizeBytes, "a header fits a page")
        self.bytes.replaceSubrange(0..<IndexPage.sizeBytes, with: self.page(header, number: 0))
    }

    private mutating func endPage() {
        self.bytes += self.page(self.payload, number: UInt32(self.bytes.count / IndexPage.sizeBytes))
        self.payload.removeAll(keepingCapacity: true)
    }

    private func page(_ payload: [UInt8], number: UInt32) -> [UInt8] {
        let padded = payload + [UInt8](repeating: 0, count: IndexPage.payloadSizeBytes - payload.count)
        let checksum = IndexPage.checksum(padded.span, number: number, base: self.base)
        var page: [UInt8] = []
        page.append(upTo: 4) { $0.append(bigEndian: checksum.byteSwapped) }
        return page + padded
    }
}

/// Reads pages of one index file, and keeps those that it has read; for one lookup, by one thread.
final class IndexPageReader {
    private let base: UInt64
    private let fileSystem: any FileSystem
    private let file: OpenFile
    private var pages: [UInt32: [UInt8]] = [:]

    init(_ path: FilePath, base: UInt64, _ fileSystem: any FileSystem) throws(IndexFileError) {
        self.base = base
        self.fileSystem = fileSystem
        do {
            self.file = try fileSystem.open(path, .read)
        } catch {
            throw error.isNotFound ? .outdated : .fileSystem(error)
        }
    }

    deinit {
        self.fileSystem.close(self.file)
    }

    /// The payload of a page, checked.
    func payload(of number: UInt32) throws(IndexFileError) -> [UInt8] {
        if let page = self.pages[number] { return page }
        var page: [UInt8]
        do {
            let start = UInt64(number) * UInt64(IndexPage.sizeBytes)
            page = try self.fileSystem.bytes(start..<start + UInt64(IndexPage.sizeBytes), of: self.file)
        } catch {
            throw .fileSystem(error)
        }
        guard page.count == IndexPage.sizeBytes else { throw .damagedPage(number) }
        let checksum = UInt32(littleEndian: page.span.halfWord(at: 0))
        page.removeFirst(IndexPage.checksumSizeBytes)
        guard checksum == IndexPage.checksum(page.span, number: number, base: self.base) else {
            throw .damagedPage(number)
        }
        self.pages[number] = page
        return page
    }

    /// Reads one record.
    func record<R>(
        _ index: Int,
        of section: IndexSection,
        _ read: (Bytes) -> R
    ) throws(IndexFileError) -> R {
        let place = section.place(of: index)
        let payload = try self.payload(of: place.page)
        return read(payload.span.extracting(place.offset..<place.offset + Int(section.recordSize)))
    }
}

extension Span<UInt8> {
    /// A little-endian number at an offset.
    func number<Number: FixedWidthInteger>(at offset: Int, as _: Number.Type = Number.self) -> Number {
        var number: Number = 0
        for index in 0..<Number.bitWidth / 8 {
            number |= Number(truncatingIfNeeded: self[offset + index]) << (8 * index)
        }
        return number
    }
}

extension [UInt8] {
    /// Appends a number in little-endian order.
    mutating func append(littleEndian number: some FixedWidthInteger & BitwiseCopyable) {
        self.append(upTo: MemoryLayout.size(ofValue: number)) { $0.append(bigEndian: number.byteSwapped) }
    }
}
