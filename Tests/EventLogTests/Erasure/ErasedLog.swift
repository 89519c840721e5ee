import LogValues
import RawJSON
import SystemPackage
import TestSupport

@testable import EventLog

/// A small log whose erasures are ordered by plain lines such as `erase 2 5`.
struct ErasedLog {
    static let secret = "qZ7xK2mW9vB4nR8t"

    let fileSystem: FaultyFileSystem
    let log: TestLog
    let erasure: LogErasure

    init(
        _ fileSystem: FaultyFileSystem,
        _ durability: Durability = .always,
        segmentSizeBytes: Int = 450
    ) throws(EventLogError) {
        let configuration = TestLog.configuration(segmentSizeBytes: segmentSizeBytes, durability: durability)
        self.fileSystem = fileSystem
        self.log = try TestLog(fileSystem, configuration)
        self.erasure = LogErasure(
            TestLog.directory,
            logID: self.log.log.logID,
            configuration: configuration,
            fileSystem: fileSystem
        )
    }

    /// Nine lines in segments of about three; the secret stands in lines 2, 5 (inside of a proposal) and 9 (the live one).
    func fill() {
        self.log.commit(TestLog.batch("a"))
        self.log.commit(TestLog.batch(Self.secret))
        self.log.commit(TestLog.batch("b", isPlain: true))
        self.log.commit(TestLog.batch("c", "\(Self.secret) again", "d"))
        self.log.commit(TestLog.batch("e"))
        self.log.commit(TestLog.batch("f"))
        self.log.commit(TestLog.batch("more \(Self.secret)"))
    }

    /// Orders an erasure, and carries it out.
    func erase(_ lines: UInt64..., forgetting forget: ([SequenceNumber], SequenceNumber) throws -> Void = { _, _ in })
        throws -> LogErasure.Report?
    {
        try self.erasure.begin(after: self.log.log.end)
        self.log.commit(TestLog.batch("erase \(lines.map(String.init).joined(separator: " "))", isPlain: true))
        return try self.finish(forgetting: forget)
    }

    func finish(
        forgetting forget: ([SequenceNumber], SequenceNumber) throws -> Void = { _, _ in }
    ) throws -> LogErasure.Report? {
        try self.erasure.finish(
            through: self.log.log.end,
            orders: { Self.order(in: $0) },
            seal: { line throws(EventLogError) in try self.log.log.seal(line) },
            forgetting: forget
        )
    }

    static func order(in line: LogLine) -> [SequenceNumber]? {
        let text = String(decoding: line.bytes, as: UTF8.self)
        guard let range = text.range(of: "\"text\":\"erase ") else { return nil }
        return text[range.upperBound...].prefix { $0 != "\"" }.split(separator: " ").compactMap { UInt64($0) }
            .map(SequenceNumber.init)
    }

    /// Paths of files that hold the secret, compressed or not.
    static func filesWithSecret(on disk: Disk) throws -> [String] {
        let secret = Array(Self.secret.utf8)
        return try disk.paths.filter { path in
            let bytes = disk[path] ?? []
            return try Self.holds(bytes, secret) || Self.holds(Self.text(of: bytes), secret)
        }.map { $0.string }
    }

    private static func holds(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        bytes.span.contains(part.span)
    }

    /// What a file's frames decode to, up to the first fault.
    private static func text(of bytes: [UInt8]) throws -> [UInt8] {
        var disk = Disk()
        disk["/file"] = bytes
        let fileSystem = FaultyFileSystem(disk)
        var reader = LZ4FrameReader(try fileSystem.open("/file", .read), fileSystem)
        var text: [UInt8] = []
        while true {
            switch try reader.next() {
            case .block: text.append(contentsOf: reader.text)
            case .frameStart, .frameEnd: continue
            case .endOfFile, .fault: return text
            }
        }
    }
}

extension String {
    /// Where `part` stands first.
    fileprivate func range(of part: String) -> Range<String.Index>? {
        var start = self.startIndex
        while start < self.endIndex {
            if self[start...].hasPrefix(part) { return start..<self.index(start, offsetBy: part.count) }
            start = self.index(after: start)
        }
        return nil
    }
}
