import Archive
import EventLog
import LogValues
import SystemPackage

/// Reads a log from one end to the other, as every command does.
///
/// The log may be written meanwhile: a commit that is half there when its end is read is waited for, since only a
/// writer that died leaves it so.
struct LogScan {
    private static let patience: Duration = .milliseconds(40)
    private static let attempts = 3

    private let directory: FilePath
    /// Waits a moment for a writer.
    private let pause: () -> Void

    init(directory: FilePath, pause: @escaping () -> Void = LogScan.pause) {
        self.directory = directory
        self.pause = pause
    }

    static func pause() {
        PosixClock.sleep(for: self.patience)
    }

    /// What stands at the end of the log.
    enum Ending: Equatable {
        case complete(LogCursor.Ending)
        case torn(segment: SegmentName, offset: UInt64, Damage)
    }

    /// Hands out lines.
    ///
    /// - Parameters:
    ///   - first: The first line; nil: the first that is kept.
    ///   - last: The last line; nil: all there are.
    ///   - atEnd: Called when there are no more lines, with the cursor that says so.
    ///   - atError: Called before an error is thrown on, with the cursor that met it, or stands where `body` threw it.
    ///   - body: Called with the cursor at each line.
    /// - Returns: What stands at the end.
    /// - Throws: What `body` throws, and ``EventLogError`` at the first damage, after the lines before it; before any
    ///   line, if the beginning is missing and nobody asked for a later one.
    func forEachLine(
        from first: SequenceNumber? = nil,
        through last: SequenceNumber? = nil,
        atEnd: (borrowing LogCursor) throws -> Void = { _ in },
        atError: (borrowing LogCursor) -> Void = { _ in },
        body: (inout LogCursor) throws -> Void
    ) throws -> Ending {
        if first == nil { try self.checkBeginning() }
        let reader = LogReader(self.directory)
        var next = first
        var torn: Ending?
        for attempt in 0...Self.attempts {
            guard var cursor = try reader.cursor(from: next, through: last) else { return .complete(.closed) }
            do {
                while try cursor.advance() {
                    next = cursor.line.sequenceNumber.next
                    try body(&cursor)
                }
            } catch {
                atError(cursor)
                throw error
            }
            try atEnd(cursor)
            guard case .torn(let segment, let offset, let damage) = cursor.ending else {
                return .complete(cursor.ending ?? .closed)
            }
            torn = .torn(segment: segment, offset: offset, damage)
            if attempt < Self.attempts { self.pause() }
        }
        return torn ?? .complete(.closed)
    }

    /// Hands out lines of which it is known that they were written: each frame's, once its end was read.
    ///
    /// The frame that is still open at the log's end has no checksum yet: of its lines those are handed out that have
    /// the hash which was recorded beside the log, up to the first that has another one. Where none was recorded, nothing
    /// but numbers and structure can tell.
    ///
    /// - Parameters:
    ///   - first: The first line; nil: the first that is kept.
    ///   - last: The last line; nil: all there are. Its frame is read to the end.
    ///   - body: Called for each line.
    /// - Returns: What stands at the end.
    /// - Throws: As ``forEachLine(from:through:atEnd:body:)``; no line of a damaged frame was handed out then, but all of
    ///   the whole frames before it.
    ///   ``ToolFailure`` with status `hashes` at the first line whose hash differs.
    func forEachSoundLine(
        from first: SequenceNumber? = nil,
        through last: SequenceNumber? = nil,
        body: (LogLine) throws -> Void
    ) throws -> Ending {
        var held = HeldFrame()
        var hasPassedFrame = false
        let leaves = RecordedLeaves(in: self.directory)
        do {
            let ending = try self.forEachLine(
                from: first,
                atError: { cursor in hasPassedFrame = held.firstLine.map { cursor.hasPassedFrame(of: $0) } ?? false },
                body: { cursor in
                    let line = cursor.line
                    let isWanted = last.map { line.sequenceNumber <= $0 } ?? true
                    if !held.holds(line) {
                        try held.release(to: body)
                    } else if held.sizeBytes > HeldFrame.sizeLimitBytes {
                        try held.release(comparing: leaves, to: body)
                    }
                    if isWanted { return held.append(line) }
                    if held.isEmpty { throw Enough() }
                }
            )
            if ending == .complete(.closed) {
                try held.release(to: body)
            } else {
                // A writer may have got on meanwhile.
                leaves.refresh()
                try held.release(comparing: leaves, without: try self.doubledBlock(in: held), to: body)
            }
            return ending
        } catch is Enough {
            return .complete(.through)
        } catch let error as EventLogError {
            // What is wrong stands behind the frame that is held, if that was read to its end: a missing segment, say.
            guard hasPassedFrame else { throw error }
            let isAllThatIsWanted = held.lastNumber == last
            try held.release(to: body)
            guard isAllThatIsWanted else { throw error }
            return .complete(.through)
        }
    }

    private func doubledBlock(in held: HeldFrame) throws -> MisplacedBlock? {
        guard let first = held.firstLine else { return nil }
        return try MisplacedBlock.doubled(
            in: try SegmentCatalog(self.directory).path(of: first.segment),
            from: first.frameOffset,
            firstLine: first.sequenceNumber
        )
    }

    /// All lines that were wanted were handed out.
    private struct Enough: Error {}

    /// A log that retention cut begins late, and a snapshot stands for what is gone; without one, lines were lost.
    private func checkBeginning() throws(EventLogError) {
        let first = try SegmentCatalog(self.directory).firstLine
        guard first != .first else { return }
        guard try SnapshotStore(in: self.directory).explainsMissingStart() else {
            throw .historyIncomplete(first: first)
        }
    }
}

extension LogScan.Ending {
    /// Why a command that read up to here does not end with success; nil if all is well.
    var failure: ToolFailure? {
        guard case .torn(let segment, let offset, let damage) = self else { return nil }
        return ToolFailure(.tornTail, "\(segment): torn tail at offset \(offset): \(damage)")
    }
}

/// Runs what reads a log, and turns its errors into what the tool says and how it ends.
///
/// - Throws: ``ToolFailure`` for every ``EventLogError``; other errors as they are.
func withToolFailures<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as EventLogError {
        throw ToolFailure(error)
    } catch let error as UnreadableEvent {
        throw ToolFailure(.damage, "\(error)")
    }
}
