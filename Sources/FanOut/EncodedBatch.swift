import Hub
import LogValues
import NIOCore
import Projections
import RawJSON
import Web

/// Consecutive frames for one audience, encoded once for every socket of every shard.
///
/// An object, so that the steps of a round, the ring and what is gathered share it at a retain each.
final class FrameRun: Sendable {
    let audience: Addressing
    /// One text frame with the list of all frames.
    let bytes: ByteBuffer
    let first: SequenceNumber
    let last: SequenceNumber
    /// Whether the log tells of all of them (see ``Frame/isInLog``); if not, it tells of none.
    let isInLog: Bool

    init(audience: Addressing, bytes: ByteBuffer, first: SequenceNumber, last: SequenceNumber, isInLog: Bool) {
        self.audience = audience
        self.bytes = bytes
        self.first = first
        self.last = last
        self.isInLog = isInLog
    }
}

/// A ``ChangeBatch`` as shards take it: the frames encoded, everything in the order of the feed.
struct EncodedBatch: Sendable {
    enum Step: Sendable {
        /// With the changes that the run is made of, for those who do not take it as it is.
        case frames(FrameRun, ArraySlice<Change>)
        case listeners(Change, AttachmentTicket?)
    }

    let steps: [Step]
    let position: SequenceNumber

    /// Encodes the frames of a batch; beyond `runSize` bytes no frame joins the one before it.
    init(_ batch: ChangeBatch, runSize: Int) {
        var builder = Builder(batch.changes, runSize: runSize)
        for index in batch.changes.indices {
            switch batch.changes[index] {
            case .frame(let frame, let audience):
                builder.add(frame, for: audience, at: index)
            case .attached, .detached, .subscribed, .unsubscribed, .closed, .erased:
                builder.add(batch.changes[index], ticket: batch.tickets[index])
            }
        }
        self.steps = builder.finish()
        self.position = batch.position
    }
}

/// Gathers frames for as long as they have one audience and nobody comes or goes between them.
private struct Builder {
    private struct Run {
        let audience: Addressing
        let isInLog: Bool
        let first: SequenceNumber
        var last: SequenceNumber
        /// In the batch.
        var changes: Range<Int>
    }

    private let changes: [Change]
    private let runSize: Int
    private var steps: [EncodedBatch.Step] = []
    private var run: Run?
    /// It holds the frames of the run, and is used again for the next one.
    private var writer = JSONWriter(capacity: 512)

    init(_ changes: [Change], runSize: Int) {
        self.changes = changes
        self.runSize = runSize
        self.steps.reserveCapacity(changes.count)
    }

    mutating func add(_ frame: Frame, for audience: Addressing, at index: Int) {
        if let run = self.run, run.isInLog == frame.isInLog, self.writer.bytes.count < self.runSize,
            run.audience == audience
        {
            self.run?.last = frame.position
            self.run?.changes = run.changes.lowerBound..<(index + 1)
        } else {
            self.endRun()
            self.run = Run(
                audience: audience,
                isInLog: frame.isInLog,
                first: frame.position,
                last: frame.position,
                changes: index..<(index + 1)
            )
            self.writer.beginArray()
        }
        FrameWriter.write(frame, catchUp: false, into: &self.writer)
    }

    mutating func add(_ change: Change, ticket: AttachmentTicket?) {
        self.endRun()
        self.steps.append(.listeners(change, ticket))
    }

    mutating func finish() -> [EncodedBatch.Step] {
        self.endRun()
        return self.steps
    }

    private mutating func endRun() {
        guard let run = self.run else { return }
        self.run = nil
        self.writer.endArray()
        let frames = FrameRun(
            audience: run.audience,
            bytes: WebSocketFrameWriter.frame(.text, self.writer.bytes),
            first: run.first,
            last: run.last,
            isInLog: run.isInLog
        )
        self.steps.append(.frames(frames, self.changes[run.changes]))
        self.writer.removeAll()
    }
}

/// A list of frames that one listener missed.
struct CatchUpList {
    private let size: Int
    private var writer = JSONWriter(capacity: 512)

    /// - Parameter size: In bytes; the frame that passes it is the last one.
    init(size: Int) {
        self.size = size
    }

    var isFull: Bool { self.writer.bytes.count >= self.size }

    mutating func append(_ frame: Frame) {
        if self.writer.bytes.isEmpty { self.writer.beginArray() }
        FrameWriter.write(frame, catchUp: true, into: &self.writer)
    }

    /// - Returns: The list as a text frame, nil if there is nothing in it; it is empty afterwards.
    mutating func take() -> ByteBuffer? {
        guard !self.writer.bytes.isEmpty else { return nil }
        self.writer.endArray()
        defer { self.writer = JSONWriter(capacity: 512) }
        return WebSocketFrameWriter.frame(.text, self.writer.bytes)
    }
}
