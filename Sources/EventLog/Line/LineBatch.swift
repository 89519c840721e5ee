package import LogValues
import RawJSON

/// Lines of one or more proposals, encoded but not numbered; the unit that is appended to a log.
///
/// A batch is never split between commits, and each of its proposals is on disk wholly or not at all.
package struct LineBatch: Sendable {
    /// The places of a line's parts in `bytes`: first the head, then what follows it when the content is there.
    struct Entry: Sendable {
        let headEnd: Int
        let end: Int
        let commit: Hash256?
        let isLastOfProposal: Bool
    }

    /// Bytes that numbering adds to a line at most: `{"seq":` 19 digits `,"more":true,` … `}` and the newline.
    private static let frameSizeBytes = 7 + 19 + 13 + 2

    private(set) var bytes: [UInt8] = []
    private(set) var entries: [Entry] = []

    package init() {}

    package var count: Int { self.entries.count }
    package var isEmpty: Bool { self.entries.isEmpty }
    /// Bytes that the lines take in a segment before compression, at most.
    package var size: Int { self.bytes.count + self.entries.count * Self.frameSizeBytes }

    /// Appends one line.
    ///
    /// - Parameters:
    ///   - isLastOfProposal: False if the next line belongs to the same proposal; the last line of a batch must be the
    ///     last of its proposal.
    ///   - content: What can be erased later, if there is any.
    ///   - head: Appends everything between `{"seq":N,` and the salt or the closing brace:
    ///     `"time":…,"type":…,"source":…,"data":{…}`. No newline, no member named `salt`, no bytes from outside as they
    ///     came: redaction cuts at the first `,"salt":"`.
    package mutating func append(
        isLastOfProposal: Bool = true,
        content: LineContent? = nil,
        writing head: (inout [UInt8]) -> Void
    ) {
        let start = self.bytes.count
        head(&self.bytes)
        let headEnd = self.bytes.count
        precondition(headEnd > start, "a line has a head")
        if let content {
            self.bytes.append(Redaction.saltOpening)
            content.salt.appendBase64URL(to: &self.bytes)
            self.bytes.append(Redaction.contentOpening)
            self.bytes.append(contentsOf: content.bytes)
        }
        let lineSize = self.bytes.count - start
        precondition(lineSize + Self.frameSizeBytes <= LineFormat.maximumSizeBytes, "a line fits the largest line")
        self.entries.append(
            Entry(
                headEnd: headEnd,
                end: self.bytes.count,
                commit: content?.commit,
                isLastOfProposal: isLastOfProposal
            )
        )
        self.assertWellFormed(from: start, headEnd: headEnd, content: content)
    }

    /// Appends a line of another copy of the same log, as it stands there, live or redacted.
    ///
    /// Numbering it gives the same bytes again, so that the leaf stays what it is.
    ///
    /// - Parameter line: A line that a reader of this target handed out, without its newline.
    /// - Throws: ``RedactionError`` if its salt or content is malformed, or it is longer than any line may be.
    package mutating func append(shipped line: Bytes) throws(RedactionError) {
        guard line.count + Self.frameSizeBytes <= LineFormat.maximumSizeBytes,
            let head = LineFormat.head(of: line), let comma = line.firstIndex(of: UInt8(ascii: ","))
        else { throw RedactionError() }
        let bodyStart = comma + 1 + (head.hasMore ? LineFormat.more.utf8CodeUnitCount : 0)
        let parts = try Redaction.parts(of: line)
        let headCount = (parts?.head.count ?? line.count - 1) - bodyStart
        guard headCount > 0 else { throw RedactionError() }
        let start = self.bytes.count
        self.bytes.append(contentsOf: line.extracting(bodyStart..<line.count - 1))
        self.entries.append(
            Entry(
                headEnd: start + headCount,
                end: self.bytes.count,
                commit: parts?.commit,
                isLastOfProposal: !head.hasMore
            )
        )
    }

    private func assertWellFormed(from start: Int, headEnd: Int, content: LineContent?) {
        assert(
            Redaction.saltOffset(in: self.bytes.span.extracting(start..<headEnd)) == nil,
            "the head of a line holds no salt"
        )
        assert(
            content.map { $0.salt.commitment(to: $0.bytes.span) == $0.commit } ?? true,
            "the commitment is the content's"
        )
    }
}
