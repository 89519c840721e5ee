import EventLog
import LogValues
import Logging
import Projections
import RawJSON
import Synchronization
import TestSupport

@testable import Archive
@testable import Hub

/// A log in memory that a node's key signs, and the evidence that is made from it.
final class EvidenceLog: Sendable {
    static let origin = "hub.example/log"
    static let channel = ChannelName("room")

    let fileSystem = FaultyFileSystem()
    let key: NodeKey
    let log: TestLog
    private let visibleEnd = Mutex<UInt64?>(nil)

    init(durability: Durability = .always, segmentSizeBytes: Int = 4000) throws {
        self.key = try NodeKey(origin: Self.origin, seed: Array(1...32))
        self.log = try TestLog(
            self.fileSystem,
            TestLog.configuration(segmentSizeBytes: segmentSizeBytes, durability: durability)
        )
    }

    /// Makes evidence; `makeCheckpoint` is what happens when somebody needs a checkpoint: by default this writes one.
    func evidence(makeCheckpoint: (@Sendable () async -> String?)? = nil) -> LogEvidence {
        LogEvidence(self.source(makeCheckpoint: makeCheckpoint ?? { self.writeCheckpoint() }))
    }

    /// Makes evidence of a log that others write.
    func evidenceWithoutWriter() -> LogEvidence { LogEvidence(self.source(makeCheckpoint: nil)) }

    private func source(makeCheckpoint: (@Sendable () async -> String?)?) -> LogEvidence.Source {
        LogEvidence.Source(
            directory: TestLog.directory,
            messages: MessagesOfNow(self.log.log.logID, self.fileSystem),
            fileSystem: self.fileSystem,
            end: { self.visibleEnd.withLock { $0.map { SequenceNumber($0) } } ?? self.log.log.end },
            makeCheckpoint: makeCheckpoint
        )
    }

    /// Lines that are committed.
    var size: UInt64 { self.log.log.end?.rawValue ?? 0 }

    /// Pretends that what is behind was written, but is not committed.
    func hideLines(behind end: UInt64?) { self.visibleEnd.withLock { $0 = end } }

    // MARK: Writing

    static func uuid(_ number: UInt64) -> UUID128 { UUID128(random: number, number) }

    func post(_ numbers: some Sequence<UInt64>) {
        for number in numbers {
            self.commit(
                .messagePosted(
                    MessagePosted(
                        uuid: Self.uuid(number),
                        user: UserName("alice"),
                        addressing: Addressing(channel: Self.channel, only: [], except: []),
                        keepsOutOfHistory: false,
                        timestamp: nil,
                        content: Self.content("message \(number)")
                    )
                )
            )
        }
    }

    func edit(_ number: UInt64, _ text: String) {
        self.commit(
            .messageEdited(
                MessageEdited(
                    uuid: Self.uuid(number),
                    addressing: Addressing(channel: Self.channel, only: [], except: []),
                    keepsOutOfHistory: false,
                    user: nil,
                    timestamp: nil,
                    edited: nil,
                    content: Self.content(text)
                )
            )
        )
    }

    func delete(_ number: UInt64) {
        self.commit(
            .messageDeleted(
                MessageDeleted(
                    uuid: Self.uuid(number),
                    addressing: Addressing(channel: Self.channel, only: [], except: []),
                    keepsOutOfHistory: false
                )
            )
        )
    }

    func erase(lines: [UInt64]) {
        self.commit(
            .contentErased(ContentErased(lines: lines.map { SequenceNumber($0) }, orderedBy: "admin", reason: "asked"))
        )
    }

    /// Writes what a hub writes about the moment before; nil, since nothing keeps it from it.
    @discardableResult
    func writeCheckpoint() -> String? {
        guard let commit = self.log.commits.last else { return nil }
        let note = self.key.sign(size: commit.treeSize, root: commit.root)
        self.commit(
            .logCheckpointed(
                LogCheckpointed(
                    size: commit.treeSize,
                    root: commit.root,
                    stateDigest: commit.root,
                    note: String(decoding: note.bytes, as: UTF8.self)
                )
            )
        )
        return nil
    }

    private func commit(_ payload: Event.Payload) {
        let event = Event(
            time: Timestamp(microseconds: 1_795_000_000_000_000),
            source: NodeName("node-1"),
            payload: payload
        )
        let content = event.content.flatMap { content in
            content.plain.map { plain in
                LineContent(
                    salt: plain.salt,
                    bytes: plain.json.bytes,
                    commit: content.commit
                )
            }
        }
        var batch = LineBatch()
        batch.append(content: content) { event.appendHead(to: &$0) }
        self.log.commit(batch)
    }

    private static func content(_ text: String) -> Content {
        Content(
            salt: Salt(high: UInt64(text.utf8.count), low: 7),
            json: RawJSON(trusted: Array(#"{"message":{"text":"\#(text)"}}"#.utf8))
        )
    }

    // MARK: Checking

    /// A line as it is in the log.
    func line(_ number: UInt64) throws -> [UInt8] {
        Array(try TestLog.lines(self.fileSystem)[Int(number) - 1].utf8)
    }

    /// The root that the log had at a size, computed from its lines.
    func root(at size: UInt64) throws -> Hash256 {
        var frontier = Frontier()
        var scratch: [UInt8] = []
        for line in try TestLog.lines(self.fileSystem).prefix(Int(size)) {
            let line = Array(line.utf8)
            frontier.append(leaf: try Redaction.leafHash(of: line.span, scratch: &scratch))
        }
        return frontier.root
    }
}

/// The lines of messages, looked up in an index that is made for the question.
struct MessagesOfNow: MessageLines {
    private let logID: String
    private let fileSystem: any FileSystem

    init(_ logID: String, _ fileSystem: any FileSystem) {
        self.logID = logID
        self.fileSystem = fileSystem
    }

    func read<R>(
        linesOfMessage uuid: UUID128,
        through end: SequenceNumber,
        _ body: (SequenceNumber, Bytes) throws -> R
    ) throws -> [R] {
        try self.index(through: end).read(linesOfMessage: uuid, through: end, body)
    }

    func read<R>(line: SequenceNumber, _ body: (Bytes) throws -> R) throws -> R {
        try self.index(through: line).read(line: line, body)
    }

    private func index(through end: SequenceNumber) throws -> MessageIndex {
        let index = MessageIndex(
            TestLog.directory,
            logID: self.logID,
            end: { end },
            fileSystem: self.fileSystem,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try index.catchUp()
        return index
    }
}
