package import EventLog
import Hub
import LogValues
import Logging
import NIOCore
import Projections
import SystemPackage

/// Takes a shipped log in: checks it line by line and hands it to this node's own log.
///
/// An actor on a thread of its own, since it reads and writes files and hashes every line. What it hands on has passed
/// ``HistoryCheck``; what has not stays in the file `incoming`, and a history that contradicts what is known ends it.
actor LogIntake {
    /// Lines are handed to the log in portions of about this size.
    private static let portionSizeBytes = 256 << 10
    /// How often a segment is begun anew before what comes is called damaged.
    private static let attempts = 3
    /// Bytes that stay free on the disk behind what is written, for the log's own needs: without them its next commit could
    /// fail, and a log that has failed takes nothing until a restart.
    static let spareRoom: UInt64 = 256 << 10
    /// Bytes that have to be free before a node goes on that had stopped for want of room: those of a part, and more, so that
    /// none is fetched in vain.
    static let roomToGoOn = UInt64(PrimaryClient.chunkSize) + (1 << 20)

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Whoever asks holds the actor, which holds its executor.
        unsafe self.eventLoop.executor.asUnownedSerialExecutor()
    }

    private nonisolated let eventLoop: any EventLoop
    private let directory: FilePath
    private let logID: String
    private let sequencer: RemoteSequencer
    private let status: FollowStatus
    private let logger: Logger
    private var record: FollowRecord
    private var check: HistoryCheck
    private var decoder = EventDecoder()
    private var segment: ShippedSegment?
    /// Whether the segment was compared with what is there.
    private var isCompared = false
    /// The file of the segment has come in to its end.
    private var isEnded = false
    private var failedAttempts = 0
    /// Events of the proposal whose last line has not come.
    private var events: [Event] = []
    private var lines = LineBatch()
    private var groups: [[Event]] = []
    private let erasure: FollowedErasure
    /// Bytes that the disk still takes; nil if nobody knows.
    private let room: @Sendable () -> UInt64?
    /// The tree of the lines that were here at the start.
    private let openedTree: Frontier
    /// The first line of that proposal that orders an erasure, and what it and the next ones order.
    private var order: SequenceNumber?
    private var erased: [SequenceNumber] = []
    /// Whether an erasure came in since ``takeErasure()`` was last called.
    private var hasErasure = false

    /// - Throws: ``FollowError`` if the record cannot be used.
    init(
        on eventLoop: any EventLoop,
        directory: FilePath,
        logID: String,
        tree: Frontier,
        record: FollowRecord,
        sequencer: RemoteSequencer,
        status: FollowStatus,
        erasure: FollowedErasure,
        room: (@Sendable () -> UInt64?)? = nil,
        logger: Logger
    ) throws(FollowError) {
        self.room = room ?? { PosixFileSystem().room(in: directory) }
        self.openedTree = tree
        self.eventLoop = eventLoop
        self.directory = directory
        self.logID = logID
        self.sequencer = sequencer
        self.status = status
        self.erasure = erasure
        self.logger = logger
        self.record = record
        self.check = try Self.check(from: tree, logID, record)
        self.status.reached(self.check.end)
        self.status.sawCheckpoint(size: self.check.seen?.size ?? 0)
    }

    private static func check(
        from tree: Frontier,
        _ logID: String,
        _ record: FollowRecord
    ) throws(FollowError) -> HistoryCheck {
        var check = HistoryCheck(logID: logID, tree: tree, keys: try record.verifierKeys())
        if let note = record.checkpoint { _ = try check.see(note: Array(note.utf8)) }
        return check
    }

    /// Forgets what was not handed to the log, after something has gone wrong in the middle of it.
    ///
    /// The log has committed all that was handed to it. What came in of the segment stays in its file.
    ///
    /// - Returns: Whether there is room to go on.
    func startOverFromLog() throws(FollowError) -> Bool {
        let tree = self.sequencer.local.committed.latest?.tree ?? self.openedTree
        self.record = try FollowRecord.read(in: self.directory) ?? self.record
        self.check = try Self.check(from: tree, self.logID, self.record)
        self.decoder = EventDecoder()
        self.segment = nil
        self.isCompared = false
        self.isEnded = false
        self.events = []
        self.lines = LineBatch()
        self.groups = []
        self.order = nil
        self.erased = []
        self.status.reached(self.check.end)
        return self.room().map { $0 >= Self.roomToGoOn } ?? true
    }

    /// An erasure that came in was not carried out; it is to be, at the next opportunity.
    func keepErasure() {
        self.hasErasure = true
    }

    /// Stops before the disk is full: what does not fit into a file can come again, into the log it has to fit.
    private func needRoom(for size: Int) throws(FollowError) {
        guard let room = self.room() else { return }
        let needed = UInt64(size + self.sequencer.local.pendingSizeBytes) + Self.spareRoom
        guard room < needed else { return }
        throw .shortage("\(self.directory): \(room) bytes are free, \(needed) are needed")
    }

    // MARK: Meeting the primary

    /// Checks that the primary is the one that is followed, and takes its newest checkpoint.
    func meet(_ overview: LogOverview) throws(FollowError) {
        guard overview.logID == self.logID else { throw .otherLog(own: self.logID, primary: overview.logID) }
        guard NodeName(overview.node) != self.sequencer.node else { throw .nameTaken(overview.node) }
        try self.pin(overview.verifierKey)
        try self.check.checkEnd(overview.end)
        guard try self.check.see(note: Array(overview.checkpoint.utf8)) else { return }
        // On the disk before a line is taken on its word.
        self.record.checkpoint = overview.checkpoint
        try self.record.write(in: self.directory)
        self.status.sawCheckpoint(size: self.check.seen?.size ?? 0)
    }

    private func pin(_ key: VerifierKey) throws(FollowError) {
        guard try self.record.pin(key) else { return }
        self.check.trust(key)
        try self.record.write(in: self.directory)
        self.logger.notice("primary's key pinned on first use", metadata: ["key": "\(key.text)"])
    }

    // MARK: Transfers

    /// The line that is needed next.
    var next: SequenceNumber { self.check.end.next }

    /// Begins, or goes on with, the transfer of a segment.
    func begin(_ name: SegmentName) throws(FollowError) {
        if self.segment?.name == name {
            // Its file has come whole, and the next line is not in it: it is not what the primary has.
            if self.isEnded { try self.startOver(nil) }
            return
        }
        self.segment = try Self.own { () throws(EventLogError) in try ShippedSegment(name, in: self.directory) }
        self.isCompared = false
        self.isEnded = false
        try self.drain()
    }

    /// The bytes to ask for: those of a segment from an offset on.
    var wanted: (segment: SegmentName, offset: UInt64)? {
        guard let name = self.segment?.name, let size = self.segment?.size else { return nil }
        return (name, size)
    }

    /// Takes bytes that were asked for; `isEnd` if the file ends behind them for good.
    func take(_ bytes: ByteBuffer, isEnd: Bool) throws(FollowError) {
        guard let name = self.segment?.name else { return }
        try self.needRoom(for: bytes.readableBytes)
        try Self.own { () throws(EventLogError) in try self.segment?.append(bytes.readableBytesUInt8Span) }
        let sizeBefore = self.check.size
        try self.drain()
        if self.check.size > sizeBefore { self.failedAttempts = 0 }
        guard isEnd, self.segment?.size != 0 else { return }
        self.isEnded = true
        let next = SegmentName(base: self.next)
        if next > name { try self.begin(next) }
    }

    /// Begins the segment's transfer anew: the file is not the one that was begun.
    func startOver(_ reason: EventLogError?) throws(FollowError) {
        self.failedAttempts += 1
        guard self.failedAttempts <= Self.attempts else {
            throw reason.map { .damaged($0) }
                ?? .notAPrimary(url: self.record.url, "a segment ends before the line that follows in the next one")
        }
        self.isCompared = false
        self.isEnded = false
        try Self.own { () throws(EventLogError) in try self.segment?.restart() }
    }

    /// Whether this node has come as far as that line, and what it has was compared with the primary's.
    func isLevel(with end: SequenceNumber) -> Bool { self.isCompared && self.check.end >= end }

    /// Whether contents have to go here too, since they went there.
    func takeErasure() -> Bool { exchange(&self.hasErasure, with: false) }

    /// Drops what came in of the segment, which may hold contents that were erased meanwhile; it is fetched anew.
    func forgetTransfer() throws(FollowError) {
        guard self.segment != nil else { return }
        self.isCompared = false
        self.isEnded = false
        try Self.own { () throws(EventLogError) in try self.segment?.restart() }
    }

    // MARK: Lines

    private func drain() throws(FollowError) {
        while true {
            do throws(EventLogError) {
                guard try self.segment?.advance() == true else { break }
            } catch {
                return try self.recover(from: error)
            }
            try self.segment?.withLine { (line, leaf, tree) throws(FollowError) in
                try self.take(line, leaf: leaf, tree: tree)
            }
        }
        try self.handOn()
        if !self.isCompared, let header = self.segment?.header, header.base == self.next {
            self.isCompared = true
            try self.check.compare(header.frontier)
        }
    }

    /// What does not read as a segment may be another one than was begun: written again since, or by another.
    private func recover(from error: EventLogError) throws(FollowError) {
        try self.handOn()
        if case .fileSystem = error { throw .own(error) }
        // Part of a proposal is in the tree already; only bytes that were made up with care come to this.
        guard self.events.isEmpty else { throw .damaged(error) }
        self.logger.warning("segment is asked for again", metadata: ["reason": "\(error)"])
        try self.startOver(error)
    }

    private func take(_ line: LogLine, leaf: Hash256, tree: Frontier?) throws(FollowError) {
        let number = line.sequenceNumber
        guard number >= self.next else {
            guard number.next == self.next else { return }
            self.isCompared = true
            return try self.check.compare(tree)
        }
        try self.check.append(leaf: leaf)
        if !self.isCompared {
            try self.check.compare(tree)
            self.isCompared = true
        }
        let event = try self.decode(line)
        do throws(RedactionError) {
            try self.lines.append(shipped: line.bytes)
        } catch {
            throw .unreadable(number, "its salt or content is malformed")
        }
        self.events.append(event)
        switch event.payload {
        case .logCheckpointed(let checkpoint): try self.check.check(checkpoint)
        case .contentErased(let erased):
            self.order = self.order ?? number
            self.erased += erased.lines
        default: break
        }
        guard !line.hasMore else { return }
        if let order = exchange(&self.order, with: nil) {
            // Not before its proposal is whole, or it would count as carried out while its line waits; but on the disk
            // before that line is, so that a crash in between is noticed. Of several, from the first on.
            if !self.hasErasure { try self.erasure.begin(order) }
            self.hasErasure = true
            self.erasure.announce(exchange(&self.erased, with: []))
        }
        self.groups.append(exchange(&self.events, with: []))
        if self.lines.size >= Self.portionSizeBytes { try self.handOn() }
    }

    private func decode(_ line: LogLine) throws(FollowError) -> Event {
        do throws(EventCodingError) {
            let decoded = try self.decoder.decode(line.bytes)
            guard decoded.position.rawValue == line.sequenceNumber.rawValue, decoded.hasMore == line.hasMore else {
                throw .missing(key: "seq")
            }
            return decoded.event
        } catch {
            throw .unreadable(line.sequenceNumber, "\(error)")
        }
    }

    /// Hands whole proposals to the log.
    private func handOn() throws(FollowError) {
        guard !self.groups.isEmpty, self.events.isEmpty else { return }
        try self.needRoom(for: self.lines.size)
        self.sequencer.append(
            exchange(&self.lines, with: LineBatch()),
            exchange(&self.groups, with: []),
            end: self.check.end
        )
        self.status.reached(self.check.end)
    }

    private static func own<R: ~Copyable>(_ body: () throws(EventLogError) -> R) throws(FollowError) -> R {
        do {
            return try body()
        } catch {
            throw .own(error)
        }
    }
}

extension FollowRecord {
    /// The keys, read.
    package func verifierKeys() throws(FollowError) -> [VerifierKey] {
        var keys: [VerifierKey] = []
        for text in self.keys {
            do throws(CheckpointError) {
                keys.append(try VerifierKey(text))
            } catch {
                throw .badNote(error)
            }
        }
        return keys
    }
}
