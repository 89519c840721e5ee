import EventLog
import LogValues
import Projections
import RawJSON

/// A node's log as it tells those who follow it: the answer of `GET /log/segments`.
struct LogOverview: Sendable {
    struct Segment: Sendable, Equatable {
        let name: SegmentName
        /// Bytes that may be read.
        let size: UInt64
        let isSealed: Bool
    }

    let logID: String
    let node: String
    /// The last committed line.
    let end: SequenceNumber
    /// The public half of the key that signs here.
    let key: String
    /// A signed checkpoint of all lines up to the end.
    let checkpoint: String
    /// The largest request body that is taken, in bytes.
    let maxBodySize: UInt64
    /// In order; the last one grows.
    let segments: [Segment]

    /// Whether log and node are called as logs and nodes are.
    var isWellFormed: Bool {
        let isHexadecimal = self.logID.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        return self.logID.utf8.count == 32 && isHexadecimal && NodeName(allowed: self.node) != nil
    }

    /// The first line that is kept.
    var first: SequenceNumber { self.segments.first?.name.base ?? .first }

    /// The public half of the key that signs here, read.
    var verifierKey: VerifierKey {
        get throws(FollowError) {
            do throws(CheckpointError) {
                return try VerifierKey(self.key)
            } catch {
                throw .badNote(error)
            }
        }
    }

    /// The segment that holds a line, or will hold it.
    func segment(holding line: SequenceNumber) -> SegmentName? {
        self.segments.last { $0.name.base <= line }?.name
    }
}

extension LogOverview {
    var json: [UInt8] {
        JSONWriter.object { writer in
            writer.member("checkpoint", self.checkpoint)
            writer.member("key", self.key)
            writer.member("log", self.logID)
            writer.member("node", self.node)
            writer.member("end", self.end.rawValue)
            writer.member("first", self.first.rawValue)
            writer.member("max_body_size", self.maxBodySize)
            writer.array("segments", self.segments) { writer, segment in
                writer.object { writer in
                    writer.member("name", segment.name.fileName)
                    writer.member("size", segment.size)
                    writer.member("sealed", segment.isSealed)
                }
            }
        }
    }

    /// - Throws: ``RawJSONError`` if it is no JSON; nil if it is JSON of another kind.
    init?(reading text: [UInt8]) throws {
        var strings: [String: String] = [:]
        var numbers: [String: UInt64] = [:]
        var segments: [Segment] = []
        var scanner = JSONScanner(text.span)
        try scanner.beginObject()
        while let key = try scanner.nextMember() {
            let name = key.decoded()
            switch name {
            case "log", "node", "key", "checkpoint": strings[name] = try scanner.readString().decoded()
            case "end", "max_body_size": numbers[name] = UInt64(exactly: try scanner.readInteger())
            case "segments":
                try scanner.beginArray()
                while try scanner.nextElement() {
                    if let segment = try Segment(reading: &scanner) { segments.append(segment) }
                }
            default: try scanner.skipValue()
            }
        }
        try scanner.finish()
        guard let logID = strings["log"], let node = strings["node"], let key = strings["key"],
            let checkpoint = strings["checkpoint"], let end = numbers["end"], let size = numbers["max_body_size"]
        else { return nil }
        self.init(
            logID: logID,
            node: node,
            end: SequenceNumber(end),
            key: key,
            checkpoint: checkpoint,
            maxBodySize: size,
            segments: segments
        )
    }
}

extension LogOverview.Segment {
    fileprivate init?(reading scanner: inout JSONScanner) throws(RawJSONError) {
        var name: SegmentName?
        var size: UInt64?
        var isSealed = false
        try scanner.beginObject()
        while let key = try scanner.nextMember() {
            if key == "name" {
                name = SegmentName(fileName: try scanner.readString().decoded())
            } else if key == "size" {
                size = UInt64(exactly: try scanner.readInteger())
            } else if key == "sealed" {
                isSealed = try scanner.readBoolean()
            } else {
                try scanner.skipValue()
            }
        }
        guard let name, let size else { return nil }
        self.init(name: name, size: size, isSealed: isSealed)
    }
}
