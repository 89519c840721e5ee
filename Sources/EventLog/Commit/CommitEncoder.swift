import LogValues
import RawJSON

/// Numbers lines, writes them out, and hashes them into the tree.
///
/// One owner: the commit thread.
///
/// The text buffer is reused, so that a line costs no allocation here.
struct CommitEncoder {
    /// The tree of all lines numbered so far.
    private(set) var frontier: Frontier
    /// The tree of the lines before ``text``.
    private(set) var start: Frontier
    /// The lines of the commit that is being made.
    private(set) var text: [UInt8] = []
    /// How many lines ``text`` holds.
    private(set) var lineCount = 0
    /// Their leaf hashes.
    private(set) var leaves: [Hash256] = []
    /// The redacted form of a line.
    private var redacted: [UInt8] = []

    init(frontier: Frontier) {
        self.frontier = frontier
        self.start = frontier
    }

    /// Forgets ``text``, which has become somebody else's business: the next commit begins.
    mutating func clear() {
        self.text.removeAll(keepingCapacity: true)
        self.leaves.removeAll(keepingCapacity: true)
        self.lineCount = 0
        self.start = self.frontier
    }

    /// Appends the lines of `batches` to ``text``.
    mutating func append(_ batches: [LineBatch]) {
        for batch in batches {
            var start = 0
            for entry in batch.entries {
                self.append(entry, batch.bytes.span, from: start)
                start = entry.end
            }
            self.lineCount += batch.count
        }
    }

    private mutating func append(_ entry: LineBatch.Entry, _ bytes: Bytes, from start: Int) {
        let lineStart = self.text.count
        self.text.append(LineFormat.opening)
        self.text.append(decimal: self.frontier.size + 1)
        self.text.append(UInt8(ascii: ","))
        if !entry.isLastOfProposal { self.text.append(LineFormat.more) }
        self.text.append(contentsOf: bytes.extracting(start..<entry.headEnd))
        let headEnd = self.text.count
        self.text.append(contentsOf: bytes.extracting(entry.headEnd..<entry.end))
        self.text.append(UInt8(ascii: "}"))
        let lineEnd = self.text.count
        self.text.append(LineFormat.newline)

        precondition(
            LineFormat.newline(in: self.text.span, from: lineStart) == lineEnd,
            "a line has no newline but the one at its end"
        )
        let hash: Hash256
        if let commit = entry.commit {
            self.redacted.removeAll(keepingCapacity: true)
            self.redacted.append(contentsOf: self.text[lineStart..<headEnd])
            Redaction.appendCommit(commit, to: &self.redacted)
            hash = Hash256.leaf(self.redacted.span)
        } else {
            hash = Hash256.leaf(self.text.span.extracting(lineStart..<lineEnd))
        }
        self.leaves.append(hash)
        self.frontier.append(leaf: hash)
    }
}

extension [UInt8] {
    /// Appends a number in decimal digits.
    fileprivate mutating func append(decimal number: UInt64) {
        let start = self.count
        var rest = number
        repeat {
            self.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        self[start...].reverse()
    }
}
