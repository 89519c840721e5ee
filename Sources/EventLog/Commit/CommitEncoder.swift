import LogValues

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
            batch.bytes.withUnsafeBytes { bytes in
                var start = 0
                for entry in batch.entries {
                    self.append(entry, bytes, from: start)
                    start = entry.end
                }
            }
            self.lineCount += batch.count
        }
    }

    private mutating func append(_ entry: LineBatch.Entry, _ bytes: UnsafeRawBufferPointer, from start: Int) {
        let lineStart = self.text.count
        self.text.append(LineFormat.opening)
        self.text.append(decimal: self.frontier.size + 1)
        self.text.append(UInt8(ascii: ","))
        if !entry.isLastOfProposal { self.text.append(LineFormat.more) }
        self.text.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[start..<entry.headEnd]))
        let headEnd = self.text.count
        self.text.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[entry.headEnd..<entry.end]))
        self.text.append(UInt8(ascii: "}"))
        let lineEnd = self.text.count
        self.text.append(LineFormat.newline)

        let hash = self.text.withUnsafeBytes { text in
            precondition(
                LineFormat.newline(in: text, from: lineStart) == lineEnd,
                "a line has no newline but the one at its end"
            )
            guard let commit = entry.commit else {
                return Hash256.leaf(UnsafeRawBufferPointer(rebasing: text[lineStart..<lineEnd]))
            }
            self.redacted.removeAll(keepingCapacity: true)
            self.redacted.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[lineStart..<headEnd]))
            Redaction.appendCommit(commit, to: &self.redacted)
            return self.redacted.withUnsafeBytes { Hash256.leaf($0) }
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
