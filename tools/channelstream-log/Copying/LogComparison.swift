import EventLog
import LogValues
import RawJSON
import SystemPackage

/// Compares two logs line by line, by what the Merkle tree covers.
///
/// A log that retention has cut, or a copy of it, may begin later than the other: what both have is compared, and for what
/// stands before, the tree that the later one's first header names must be that of the other one's lines.
struct LogComparison {
    enum Relation: String {
        case equal
        /// The second is a beginning of the first.
        case aIsLonger = "a is longer"
        case bIsLonger = "b is longer"
        case parted
    }

    private(set) var relation = Relation.equal
    /// Lines that both have, from ``first`` on.
    private(set) var common: UInt64 = 0
    /// The first line that both have, or would have.
    private(set) var first = SequenceNumber.first
    private(set) var erasedOnlyInA: UInt64 = 0
    private(set) var erasedOnlyInB: UInt64 = 0
    /// Whether they part before ``first``: one line or more of those that only one of them has is another one.
    private(set) var isPartedBefore = false
    /// The first lines that differ.
    private var parted: (a: [UInt8], b: [UInt8])?
    private var scratch: (a: [UInt8], b: [UInt8]) = ([], [])

    /// - Throws: ``ToolFailure`` if one of them is damaged before they part, or if the one ends before the other begins.
    mutating func run(_ a: FilePath, _ b: FilePath) throws {
        try withToolFailures {
            guard var a = try Side(a), var b = try Side(b) else { return }
            self.first = max(a.first, b.first)
            let (treeA, treeB) = (try a.tree(before: self.first), try b.tree(before: self.first))
            guard treeA == treeB else {
                self.relation = .parted
                self.isPartedBefore = true
                return
            }
            try self.compare(&a, &b)
        }
    }

    private mutating func compare(_ a: inout Side, _ b: inout Side) throws {
        while true {
            let (hasA, hasB) = (try a.cursor.advance(), try b.cursor.advance())
            guard hasA, hasB else {
                if hasA { self.relation = .aIsLonger }
                if hasB { self.relation = .bIsLonger }
                return
            }
            guard try self.isSame(a.cursor.line, b.cursor.line) else {
                self.relation = .parted
                self.parted = (Array(a.cursor.line.bytes), Array(b.cursor.line.bytes))
                return
            }
            self.common += 1
        }
    }

    private mutating func isSame(_ a: LogLine, _ b: LogLine) throws -> Bool {
        if a.bytes.equals(b.bytes) { return true }
        do {
            try Redaction.redact(a.bytes, into: &self.scratch.a)
            try Redaction.redact(b.bytes, into: &self.scratch.b)
        } catch {
            return false
        }
        guard self.scratch.a == self.scratch.b else { return false }
        if Redaction.isRedacted(a.bytes) { self.erasedOnlyInA += 1 }
        if Redaction.isRedacted(b.bytes) { self.erasedOnlyInB += 1 }
        return true
    }

    /// Where the logs part, for people; nil if they do not.
    var partingText: String? {
        guard self.relation == .parted else { return nil }
        if self.isPartedBefore { return "the logs part before line \(self.first), with which one of them begins" }
        return "the logs part at line \(self.first.rawValue + self.common)"
    }

    /// One line.
    var json: [UInt8] {
        JSONWriter.line { writer in
            writer.member("relation", self.relation.rawValue)
            writer.member("compared_from", self.first.rawValue)
            writer.member("common_lines", self.common)
            writer.member("erased_only_in_a", self.erasedOnlyInA)
            writer.member("erased_only_in_b", self.erasedOnlyInB)
            if let parted {
                writer.member("a", utf8: parted.a)
                writer.member("b", utf8: parted.b)
            }
        }
    }
}

/// One of two logs that are compared, read once from its first line on.
private struct Side: ~Copyable {
    private let directory: FilePath
    var cursor: LogCursor
    /// The first line that is kept.
    let first: SequenceNumber
    /// The tree of all lines before the next one.
    private var tree: Frontier
    private var scratch: [UInt8] = []

    /// Nil if there is no log.
    ///
    /// - Throws: ``EventLogError``.
    init?(_ directory: FilePath) throws {
        guard let segment = try SegmentCatalog(directory).segments.first,
            let cursor = try LogReader(directory).cursor()
        else { return nil }
        let tree = try LogReader(directory).header(of: segment)?.frontier ?? Frontier()
        self.directory = directory
        self.cursor = cursor
        self.first = segment.base
        self.tree = tree
    }

    /// Reads on up to a line.
    ///
    /// - Returns: The tree of all lines before it.
    /// - Throws: ``EventLogError``; ``ToolFailure`` if the log ends before it.
    mutating func tree(before line: SequenceNumber) throws -> Frontier {
        while self.tree.size + 1 < line.rawValue {
            guard try self.cursor.advance() else {
                throw ToolFailure(
                    .negative,
                    "\(self.directory) ends at line \(self.tree.size), and the other log begins with line \(line): "
                        + "they have no line in common, and nothing can be said"
                )
            }
            self.tree.append(leaf: try Self.leaf(self.cursor, &self.scratch))
        }
        return self.tree
    }

    private static func leaf(_ cursor: borrowing LogCursor, _ scratch: inout [UInt8]) throws -> Hash256 {
        try Redaction.leafHash(of: cursor.line.bytes, scratch: &scratch)
    }
}
