import EventLog
import RawJSON
import SystemPackage

/// Compares two logs line by line, by what the Merkle tree covers.
struct LogComparison {
    enum Relation: String {
        case equal
        /// The second is a beginning of the first.
        case aIsLonger = "a is longer"
        case bIsLonger = "b is longer"
        case parted
    }

    private(set) var relation = Relation.equal
    /// Lines that both have, from the first on.
    private(set) var common: UInt64 = 0
    private(set) var erasedOnlyInA: UInt64 = 0
    private(set) var erasedOnlyInB: UInt64 = 0
    /// The first lines that differ.
    private var parted: (a: [UInt8], b: [UInt8])?
    private var scratch: (a: [UInt8], b: [UInt8]) = ([], [])

    /// - Throws: ``ToolFailure`` if one of them is damaged before they part.
    mutating func run(_ a: FilePath, _ b: FilePath) throws {
        try withToolFailures {
            guard let a = try LogReader(a).cursor(), let b = try LogReader(b).cursor() else { return }
            while true {
                let (lineA, lineB) = (try a.next(), try b.next())
                guard let lineA, let lineB else {
                    if lineA != nil { self.relation = .aIsLonger }
                    if lineB != nil { self.relation = .bIsLonger }
                    return
                }
                guard try self.isSame(lineA, lineB) else {
                    self.relation = .parted
                    self.parted = (Array(lineA.bytes), Array(lineB.bytes))
                    return
                }
                self.common += 1
            }
        }
    }

    private mutating func isSame(_ a: LogLine, _ b: LogLine) throws -> Bool {
        if a.bytes.elementsEqual(b.bytes) { return true }
        do {
            try Redaction.redact(a.bytes, into: &self.scratch.a)
            try Redaction.redact(b.bytes, into: &self.scratch.b)
        } catch {
            return false
        }
        guard self.scratch.a == self.scratch.b else { return false }
        if ErasedLine.isErased(a.bytes) { self.erasedOnlyInA += 1 }
        if ErasedLine.isErased(b.bytes) { self.erasedOnlyInB += 1 }
        return true
    }

    /// One line.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("relation")
        writer.string(self.relation.rawValue)
        writer.key("common_lines")
        writer.integer(self.common)
        writer.key("erased_only_in_a")
        writer.integer(self.erasedOnlyInA)
        writer.key("erased_only_in_b")
        writer.integer(self.erasedOnlyInB)
        if let parted {
            writer.key("a")
            writer.string(utf8: parted.a)
            writer.key("b")
            writer.string(utf8: parted.b)
        }
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}
