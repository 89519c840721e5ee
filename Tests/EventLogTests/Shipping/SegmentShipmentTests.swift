import LogValues
import RawJSON
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("What a node shows of its segments")
struct SegmentShipmentTests {
    @Test("sealed segments whole, the live one up to the last commit that was reported, and nothing behind")
    func entries() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk, TestLog.configuration(segmentSizeBytes: 200))
        for text in ["a", "b", "c", "d", "e"] { log.commit(TestLog.batch(text)) }
        let end = SegmentShipment.End(try #require(log.commits.last))
        let shipment = SegmentShipment(TestLog.directory, fileSystem: disk)
        let entries = try shipment.entries(through: end)
        #expect(entries.count > 1)
        #expect(entries.dropLast().allSatisfy(\.isSealed) && entries.last?.isSealed == false)
        for entry in entries {
            let file = try #require(disk.disk[TestLog.path(ofSegment: entry.name.base.rawValue)])
            #expect(entry.size == UInt64(file.count))
            #expect(try shipment.bytes(of: entry, from: 0, limit: .max) == file)
            #expect(try shipment.bytes(of: entry, from: 10, limit: 20) == Array(file[10..<30]))
            #expect(try shipment.bytes(of: entry, from: entry.size, limit: 20).isEmpty)
        }
        // A commit that is written and not reported yet is not shown.
        log.commit(TestLog.batch("f"))
        #expect(try shipment.entries(through: end) == entries)
        #expect(try shipment.entry(SegmentName(base: SequenceNumber(1_000)), through: end) == nil)
        log.close()
    }

    @Test("lines that are appended as they were shipped give the same log, erased ones too")
    func appendsShipped() throws {
        let source = FaultyFileSystem()
        let original = try TestLog(source)
        original.commit(TestLog.batch("a", "b"))
        original.commit(TestLog.batch("c", isPlain: true))
        original.commit(TestLog.batch("d"))
        original.close()
        var lines: [[UInt8]] = []
        var scratch: [UInt8] = []
        try LogReader(TestLog.directory, fileSystem: source).forEachLine { line in
            guard line.sequenceNumber == SequenceNumber(4) else { return lines.append(Array(line.bytes)) }
            try Redaction.redact(line.bytes, into: &scratch)
            lines.append(scratch)
        }
        let copy = FaultyFileSystem()
        let log = try TestLog(copy)
        var batch = LineBatch()
        for line in lines { try batch.append(shipped: line.span) }
        log.commit(batch)
        log.close()
        #expect(try TestLog.lines(copy) == lines.map { String(decoding: $0, as: UTF8.self) })
        #expect(log.commits.last?.root == original.commits.last?.root)
    }

    @Test("what is no line, or too long for one, is refused before it is appended")
    func refuses() {
        var batch = LineBatch()
        for text in ["", "{}", #"{"seq":1}"#, #"{"seq":1,"a":1,"salt":"x","content":1}"#] {
            #expect(throws: RedactionError.self) {
                try batch.append(shipped: text.utf8Span.span)
            }
        }
        #expect(batch.isEmpty)
    }
}
