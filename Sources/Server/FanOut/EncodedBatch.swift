import NIOCore
import Projections
import RawJSON

/// Consecutive frames for one audience, encoded once for every socket of every shard.
struct FrameRun: Sendable {
    let frames: [Frame]
    let audience: Addressing
    /// One text frame with the list of all frames.
    let bytes: ByteBuffer
    let first: Position
    let last: Position
    /// Whether the log tells of all of them (see ``Frame/isInLog``); if not, it tells of none.
    let isInLog: Bool
}

/// What a shard makes of a ``ChangeBatch``: the frames encoded, everything in the order of the feed.
struct EncodedBatch: Sendable {
    enum Step: Sendable {
        case frames(FrameRun)
        case listeners(Change, AttachmentTicket?)
    }

    let steps: [Step]
    let position: Position

    /// Encodes the frames of a batch; beyond `runSize` bytes no frame joins the one before it.
    init(_ batch: ChangeBatch, runSize: Int) {
        var builder = Builder(runSize: runSize)
        for (index, change) in batch.changes.enumerated() {
            switch change {
            case .frame(let frame, let audience):
                builder.add(frame, for: audience)
            case .attached, .detached, .subscribed, .unsubscribed, .closed, .erased:
                builder.add(change, ticket: batch.tickets[index])
            }
        }
        self.steps = builder.finish()
        self.position = batch.position
    }
}

/// Gathers frames for as long as they have one audience and nobody comes or goes between them.
private struct Builder {
    private let runSize: Int
    private var steps: [EncodedBatch.Step] = []
    private var frames: [Frame] = []
    private var audience: Addressing?
    private var isInLog = true
    private var writer = JSONWriter(capacity: 512)

    init(runSize: Int) {
        self.runSize = runSize
    }

    mutating func add(_ frame: Frame, for audience: Addressing) {
        if self.audience != audience || self.isInLog != frame.isInLog || self.writer.bytes.count >= self.runSize {
            self.endRun()
            self.audience = audience
            self.isInLog = frame.isInLog
            self.writer.beginArray()
        }
        FrameWriter.write(frame, catchUp: false, into: &self.writer)
        self.frames.append(frame)
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
        guard let audience = self.audience, let first = self.frames.first, let last = self.frames.last else { return }
        self.writer.endArray()
        let run = FrameRun(
            frames: self.frames,
            audience: audience,
            bytes: WebSocketFrameWriter.frame(.text, self.writer.bytes),
            first: first.position,
            last: last.position,
            isInLog: self.isInLog
        )
        self.steps.append(.frames(run))
        self.frames.removeAll(keepingCapacity: true)
        self.audience = nil
        self.writer = JSONWriter(capacity: 512)
    }
}

/// Frames that one listener missed, as lists of about `runSize` bytes with `catchup` true.
enum CatchUpEncoder {
    static func encode(_ frames: [Frame], runSize: Int) -> [ByteBuffer] {
        var buffers: [ByteBuffer] = []
        var list = CatchUpList(size: runSize)
        for frame in frames {
            if list.isFull, let bytes = list.take() { buffers.append(bytes) }
            list.append(frame)
        }
        if let bytes = list.take() { buffers.append(bytes) }
        return buffers
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
