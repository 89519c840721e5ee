package import LogValues
import RawJSON
package import SystemPackage

/// A block that is whole and stands where it was not written.
///
/// Blocks of a frame build on each other, so one that is doubled, swapped, or was brought in from elsewhere may decode to
/// lines with right numbers that nobody wrote, as may all behind it; the frame's checksum tells that something is wrong,
/// but not where. This finds it by trying: the frame is decoded without each of its blocks, and with each two neighbours
/// turned around, until what comes out is what was written, which its checksum says, or the hash of a line. That is no
/// guess: of a thousand orders a wrong one has the right checksum once in four million times.
package struct MisplacedBlock: Equatable, Sendable, CustomStringConvertible {
    package enum Kind: Equatable, Sendable {
        /// It stands there twice, or belongs elsewhere.
        case extra
        /// It and the one behind it have changed places.
        case swapped
    }

    package let kind: Kind
    /// The start of the block, in bytes from the start of the file.
    package let offset: UInt64
    /// The first line that is not what was written.
    package let line: SequenceNumber

    package var description: String {
        switch self.kind {
        case .extra: "a block that does not belong here"
        case .swapped: "this block and the next have changed places"
        }
    }
}

/// The evidence that the text of a frame is what was written.
package enum FrameEvidence: Sendable {
    /// The checksum at its end.
    case checksum
    /// The hash of the line that is the first wrong one as the frame stands, and where that line's block begins.
    case leaf(Hash256, of: SequenceNumber, blockOffset: UInt64)
}

extension MisplacedBlock {
    /// Looks for a misplaced block in a frame.
    ///
    /// - Parameters:
    ///   - segment: The segment's file.
    ///   - place: An offset in the frame, in bytes from the start of the file.
    ///   - frameOffset: Where that frame begins, or one before it.
    ///   - line: A line, and where the frame begins that it is the first of.
    ///   - evidence: What says when the frame is right.
    ///   - fileSystem: Where the file is.
    /// - Returns: Nil if no block is, or more than one, or one is missing; or if the frame is not whole or too large.
    /// - Throws: ``EventLogError/fileSystem(_:)`` if the file cannot be read.
    package static func search(
        in segment: FilePath,
        at place: UInt64,
        from frameOffset: UInt64,
        firstLine line: (UInt64) -> SequenceNumber,
        _ evidence: FrameEvidence = .checksum,
        fileSystem: any FileSystem = PosixFileSystem()
    ) throws(EventLogError) -> MisplacedBlock? {
        let file = try withLogErrors { () throws(FileSystemError) in try fileSystem.open(segment, .read) }
        defer { fileSystem.close(file) }
        guard let frame = try WholeFrame.holding(place, from: frameOffset, in: file, fileSystem) else { return nil }
        var puzzle = FramePuzzle(frame, firstLine: line(frame.offset))
        switch evidence {
        case .checksum:
            return frame.contentChecksum.flatMap { puzzle.solve(checksum: $0) }
        case .leaf(let leaf, let number, let blockOffset):
            return puzzle.solve(leaf: leaf, of: number, inBlockAt: blockOffset)
        }
    }
}

extension MisplacedBlock {
    /// Looks for a block that stands twice in a row in a frame that has no end.
    ///
    /// At the end of a log nothing else tells it from what was written: the text of the second one may look like the next
    /// lines. No two commits have the same bytes: times, ids and salts differ.
    ///
    /// - Parameters:
    ///   - segment: The segment's file.
    ///   - frameOffset: Where the frame begins, in bytes from the start of the file.
    ///   - line: The first line of the frame.
    ///   - fileSystem: Where the file is.
    /// - Returns: The second of the two; nil if there is none, or the frame has an end.
    /// - Throws: ``EventLogError/fileSystem(_:)`` if the file cannot be read.
    package static func doubled(
        in segment: FilePath,
        from frameOffset: UInt64,
        firstLine line: SequenceNumber,
        fileSystem: any FileSystem = PosixFileSystem()
    ) throws(EventLogError) -> MisplacedBlock? {
        let file = try withLogErrors { () throws(FileSystemError) in try fileSystem.open(segment, .read) }
        defer { fileSystem.close(file) }
        guard let frame = try WholeFrame.holding(frameOffset, from: frameOffset, in: file, fileSystem),
            frame.contentChecksum == nil
        else { return nil }
        let second = frame.blocks.indices.dropFirst().first { index in
            frame.bytes[frame.blocks[index].data] == frame.bytes[frame.blocks[index - 1].data]
        }
        return second.flatMap { FramePuzzle(frame, firstLine: line).extraBlock($0) }
    }
}

/// Decodes a frame's blocks in other orders than they stand in.
private struct FramePuzzle: ~Copyable {
    /// Decoded bytes of all attempts, after which it is given up: a second or two.
    private static let decodeLimitBytes = 1 << 30
    /// Blocks that a line may reach over, where its hash is what counts.
    private static let lineBlockLimit = 8

    /// The state in which a reader comes to a block, as the frame stands.
    private struct Start {
        let textSize: Int
        let hash: XXH32
        let lines: LineNumbering
    }

    private let frame: WholeFrame
    /// The text of the blocks as they stand, as far as they decode to lines in order.
    private var text: [UInt8] = []
    /// One for each block of `text`, and one for the end.
    private var starts: [Start] = []
    private var window = BlockWindow()
    private var budget = decodeLimitBytes

    init(_ frame: WholeFrame, firstLine: SequenceNumber) {
        self.frame = frame
        var (hash, lines) = (XXH32(), LineNumbering(from: firstLine, hasHeader: frame.offset == 0))
        self.window.begin(blockSizeBytes: self.frame.blockSizeBytes)
        self.starts.append(Start(textSize: 0, hash: hash, lines: lines))
        for block in frame.blocks {
            guard self.decode(block), lines.take(self.window.text), self.text.count < WholeFrame.sizeLimitBytes else {
                break
            }
            hash.update(self.window.text)
            self.text.append(textOf: self.window)
            self.starts.append(Start(textSize: self.text.count, hash: hash, lines: lines))
        }
    }

    /// Finds the change that gives the frame's checksum, the last block first: what stands before a wrong block is right.
    mutating func solve(checksum: UInt32) -> MisplacedBlock? {
        for index in self.candidates(from: self.frame.blocks.count - 1, count: self.frame.blocks.count) {
            for kind in [MisplacedBlock.Kind.extra, .swapped] where self.gives(checksum, kind, at: index) {
                return self.found(kind, at: index)
            }
            guard self.budget > 0 else { return nil }
        }
        return nil
    }

    /// Finds the change that gives a line its hash: at the block where the line begins, or one before.
    mutating func solve(leaf: Hash256, of line: SequenceNumber, inBlockAt offset: UInt64) -> MisplacedBlock? {
        guard let block = self.frame.blocks.firstIndex(where: { $0.offset == offset }) else { return nil }
        for index in self.candidates(from: block, count: 2) {
            for kind in [MisplacedBlock.Kind.extra, .swapped] where self.gives(leaf, of: line, kind, at: index) {
                return self.found(kind, at: index)
            }
        }
        return nil
    }

    /// Blocks before which everything decodes, so that one of them may be the first wrong one.
    private func candidates(from last: Int, count: Int) -> ReversedCollection<Range<Int>> {
        let end = min(last + 1, self.starts.count, self.frame.blocks.count)
        return (max(0, end - count)..<max(0, end)).reversed()
    }

    /// That a block does not belong here; nil if what stands before it does not decode.
    func extraBlock(_ index: Int) -> MisplacedBlock? {
        index < self.starts.count ? self.found(.extra, at: index) : nil
    }

    private func found(_ kind: MisplacedBlock.Kind, at index: Int) -> MisplacedBlock {
        MisplacedBlock(kind: kind, offset: self.frame.blocks[index].offset, line: self.starts[index].lines.next)
    }

    /// The blocks from `index` on in another order; nil if there is none of that kind.
    private func order(_ kind: MisplacedBlock.Kind, at index: Int) -> [WholeFrame.Block]? {
        var rest = Array(self.frame.blocks[index...])
        switch kind {
        case .extra: rest.removeFirst()
        case .swapped:
            guard rest.count > 1 else { return nil }
            rest.swapAt(0, 1)
        }
        return rest
    }

    private mutating func gives(_ checksum: UInt32, _ kind: MisplacedBlock.Kind, at index: Int) -> Bool {
        guard let order = self.order(kind, at: index) else { return false }
        var (hash, lines) = (self.starts[index].hash, self.starts[index].lines)
        self.goBack(to: index)
        for block in order {
            guard self.budget > 0, self.decode(block), lines.take(self.window.text) else { return false }
            hash.update(self.window.text)
        }
        return hash.digest == checksum
    }

    private mutating func gives(
        _ leaf: Hash256,
        of line: SequenceNumber,
        _ kind: MisplacedBlock.Kind,
        at index: Int
    ) -> Bool {
        guard let order = self.order(kind, at: index), self.starts[index].lines.isAtLineStart else { return false }
        var (lines, text) = (self.starts[index].lines, [UInt8]())
        self.goBack(to: index)
        for block in order.prefix(Self.lineBlockLimit) where lines.next <= line {
            guard self.decode(block), lines.take(self.window.text) else { return false }
            text.append(textOf: self.window)
        }
        var redacted: [UInt8] = []
        return text.split(separator: LineFormat.newline).contains { candidate in
            LineFormat.head(of: candidate.span)?.sequenceNumber == line
                && (try? Redaction.leafHash(of: candidate.span, scratch: &redacted)) == leaf
        }
    }

    private mutating func goBack(to index: Int) {
        let text = self.text
        self.window.begin(
            blockSizeBytes: self.frame.blockSizeBytes,
            after: text.span.extracting(..<self.starts[index].textSize)
        )
    }

    /// Decodes a block, to become the window's text; false if it cannot be.
    private mutating func decode(_ block: WholeFrame.Block) -> Bool {
        let bytes = self.frame.bytes
        let isDecoded = self.window.decode(
            bytes.span.extracting(block.data),
            isStored: block.isStored,
            blockSizeBytes: self.frame.blockSizeBytes
        )
        self.budget -= max(64, isDecoded ? self.window.text.count : 0)
        return isDecoded
    }
}

extension [UInt8] {
    fileprivate mutating func append(textOf window: borrowing BlockWindow) { self.append(contentsOf: window.text) }
}
