import EventLog
import LogValues
import RawJSON
import SystemPackage

/// The tree of the lines that were read, and how far roots that stand elsewhere say that it is right.
struct VerifiedTree {
    private let directory: FilePath
    /// Roots that were kept elsewhere than in the segments.
    private let checkpoints: [KeptCheckpoint]
    private var history = TreeHistory()
    private(set) var leaves: LeafCheck
    /// Lines before the first that is kept.
    private(set) var startSize: UInt64 = 0
    /// The tree of all of these; nil if there are none, or it is not known.
    private(set) var start: Frontier?
    /// All lines up to here are what a root says that was written down elsewhere in the log.
    private(set) var confirmedSize: UInt64 = 0

    init(_ directory: FilePath, _ checkpoints: [KeptCheckpoint]) {
        self.directory = directory
        self.checkpoints = checkpoints
        self.leaves = LeafCheck(directory)
    }

    var frontier: Frontier { self.history.frontier }
    /// The last line that was read.
    var size: UInt64 { self.frontier.size }

    /// Notes that the log begins late.
    mutating func begin(with first: SequenceNumber) {
        self.startSize = first.previous.rawValue
    }

    /// Begins with the tree of all lines before, as the first header says; on trust.
    mutating func begin(with start: Frontier) {
        self.history = TreeHistory(start)
        self.start = start
        self.confirmedSize = start.size
    }

    mutating func append(_ line: LogLine.Place, _ leaf: Hash256) {
        self.history.append(leaf: leaf)
        self.leaves.compare(line, leaf)
    }

    /// The root that the log had at a size; nil if it never had that size.
    func root(at size: UInt64) throws -> Hash256? {
        switch self.history.root(at: size) {
        case .root(let root): return root
        case .beyond: return nil
        case .tooOld(var tree):
            var scratch: [UInt8] = []
            try LogReader(self.directory).forEachLine(
                from: SequenceNumber(tree.size + 1),
                through: SequenceNumber(size)
            ) { line in
                tree.append(leaf: try Redaction.leafHash(of: line.bytes, scratch: &scratch))
            }
            return tree.root
        }
    }

    /// Notes that a root that stands elsewhere is that of the lines up to here.
    mutating func confirm(through size: UInt64) {
        self.confirmedSize = max(self.confirmedSize, size)
        self.leaves.confirm(through: size)
    }

    // MARK: What is wrong, and where

    var location: DamageLocation {
        DamageLocation(
            directory: self.directory,
            leaves: self.leaves,
            end: self.size,
            checkpoints: self.checkpoints
        )
    }

    /// Where the damage is that stopped the reading.
    func finding(_ error: EventLogError) throws -> Finding {
        try self.location.finding(error) ?? Finding(error, at: self.size + 1)
    }

    /// A root differs: somewhere among these lines that no root has confirmed; or in the one that the recorded hashes
    /// name, if they have that root.
    func forgery(among lines: ClosedRange<UInt64>, _ root: KeptCheckpoint, _ message: String) -> Finding {
        if let mismatch = self.leaves.first(through: root.size), self.location.hashesGive(root) {
            return Finding(
                .forgery,
                at: mismatch.place,
                "is not what was written: \(message), and has that root with the hash that was recorded for this line"
            )
        }
        let first = max(lines.lowerBound, min(self.confirmedSize + 1, lines.upperBound))
        return self.finding(.forgery, first...lines.upperBound, message)
    }

    /// A finding that says where its first line stands.
    func finding(_ status: ExitStatus, _ lines: ClosedRange<UInt64>, _ message: String) -> Finding {
        let line = try? LogReader(self.directory).withLine(at: SequenceNumber(max(1, lines.lowerBound))) { $0.place }
        return Finding(
            status,
            segment: line?.segment.fileName,
            offset: line?.blockOffset,
            lines: lines,
            message
        )
    }
}
