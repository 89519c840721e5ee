import EventLog
import LogValues
import Logging
import Projections
import RawJSON
import Synchronization
import SystemPackage
import TestSupport

@testable import Archive
@testable import Hub

/// A log of chat on a disk in memory, small enough that every line may be a frame and every few a segment.
final class HistoryLog {
    static let start: Int64 = 1_795_000_000_000_000

    private(set) var fileSystem: FaultyFileSystem
    private let settings: EventLogConfiguration
    private(set) var log: TestLog
    private(set) var events: [Event] = []
    private let node = NodeName("node-1")

    init(segmentSizeBytes: Int = 1 << 20, frameSizeBytes: Int = 1024) throws {
        self.settings = TestLog.configuration(segmentSizeBytes: segmentSizeBytes, frameSizeBytes: frameSizeBytes)
        self.fileSystem = FaultyFileSystem()
        self.log = try TestLog(self.fileSystem, self.settings)
    }

    var end: SequenceNumber? { self.events.isEmpty ? nil : SequenceNumber(UInt64(self.events.count)) }

    static func uuid(_ number: Int) -> UUID128 { UUID128(random: UInt64(number), 77) }

    /// Ten seconds a line, unless it is told otherwise.
    static func time(of line: Int) -> Timestamp { Timestamp(microseconds: Self.start + Int64(line) * 10_000_000) }

    /// Commits one event.
    ///
    /// - Returns: Its line.
    @discardableResult
    func commit(_ payload: Event.Payload, time: Timestamp? = nil) -> SequenceNumber {
        let time = time ?? Self.time(of: self.events.count + 1)
        let event = Event(time: time, source: self.node, payload: payload)
        self.events.append(event)
        var batch = LineBatch()
        let number = UInt64(self.events.count)
        batch.append(Proposal(id: ProposalID(node: self.node, epoch: 1, number: number), events: [event]))
        self.log.commit(batch)
        return SequenceNumber(number)
    }

    @discardableResult
    func post(_ number: Int, to channel: String?, _ text: String = "hi", time: Timestamp? = nil) -> SequenceNumber {
        let posted = MessagePosted(
            uuid: Self.uuid(number),
            user: UserName("alice"),
            addressing: Addressing(
                channel: channel.map { ChannelName($0) },
                only: channel == nil ? [UserName("bob")] : [],
                except: []
            ),
            keepsOutOfHistory: false,
            timestamp: nil,
            content: self.content(text)
        )
        return self.commit(.messagePosted(posted), time: time)
    }

    @discardableResult
    func edit(_ number: Int, in channel: String, _ text: String) -> SequenceNumber {
        self.commit(
            .messageEdited(
                MessageEdited(
                    uuid: Self.uuid(number),
                    addressing: Addressing(channel: ChannelName(channel), only: [], except: []),
                    keepsOutOfHistory: false,
                    user: nil,
                    timestamp: nil,
                    edited: nil,
                    content: self.content(text)
                )
            )
        )
    }

    @discardableResult
    func delete(_ number: Int, in channel: String) -> SequenceNumber {
        self.commit(
            .messageDeleted(
                MessageDeleted(
                    uuid: Self.uuid(number),
                    addressing: Addressing(channel: ChannelName(channel), only: [], except: []),
                    keepsOutOfHistory: false
                )
            )
        )
    }

    @discardableResult
    func erase(_ lines: [UInt64]) -> SequenceNumber {
        let lines = lines.map { SequenceNumber($0) }
        return self.commit(.contentErased(ContentErased(lines: lines, orderedBy: "dpo", reason: "asked for")))
    }

    @discardableResult
    func configure(_ channel: String) -> SequenceNumber {
        self.commit(
            .channelConfigured(
                ChannelConfigured(seed: Self.uuid(1), channel: ChannelName(channel), settings: ChannelSettings())
            )
        )
    }

    private func content(_ text: String) -> Content {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("message")
        writer.beginObject()
        writer.key("text")
        writer.string(text)
        writer.endObject()
        writer.endObject()
        return Content(
            salt: Salt(high: UInt64(self.events.count), low: 5),
            json: RawJSON(trusted: writer.bytes)
        )
    }

    // MARK: The index

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// An index of what there is now, not caught up yet.
    func index(hash: IndexHash = .standard, end: SequenceNumber? = nil) -> MessageIndex {
        let last = end ?? self.end
        return self.index(hash: hash) { last }
    }

    func index(hash: IndexHash = .standard, end: @escaping @Sendable () -> SequenceNumber?) -> MessageIndex {
        MessageIndex(
            TestLog.directory,
            logID: self.log.log.logID,
            end: end,
            fileSystem: self.fileSystem,
            hash: hash,
            logger: Self.logger
        )
    }

    /// An index of what there is now.
    func readyIndex(hash: IndexHash = .standard) throws -> MessageIndex {
        let index = self.index(hash: hash)
        try index.catchUp()
        return index
    }

    /// Changes the disk behind the program's back.
    func damage(_ body: (inout Disk) -> Void) throws {
        self.log.close()
        var disk = self.fileSystem.disk
        body(&disk)
        self.fileSystem = FaultyFileSystem(disk)
    }

    var segments: [SegmentName] {
        self.fileSystem.disk.paths.compactMap { $0.lastComponent }.compactMap { SegmentName(fileName: $0.string) }
    }

    var indexPaths: [FilePath] { self.fileSystem.disk.paths.filter { $0.string.hasSuffix(".index") } }

    // MARK: What must be found, by reading everything

    func lines(ofMessage number: Int) -> [SequenceNumber] {
        let uuid = Self.uuid(number)
        var found: [SequenceNumber] = []
        for (index, event) in self.events.enumerated() {
            let line = SequenceNumber(UInt64(index + 1))
            switch event.payload {
            case .messagePosted(let message) where message.uuid == uuid: found.append(line)
            case .messageEdited(let edit) where edit.uuid == uuid: found.append(line)
            case .messageDeleted(let deletion) where deletion.uuid == uuid: found.append(line)
            case .contentErased(let erased)
            where erased.lines.contains(where: { position in
                found.contains(position)
            }):
                found.append(line)
            default: break
            }
        }
        return found
    }
}

/// A log with every kind of line, over several segments: 240 lines, 40 messages in five channels.
extension HistoryLog {
    static func busy(segmentSizeBytes: Int = 8 << 10, frameSizeBytes: Int = 1024) throws -> HistoryLog {
        let log = try HistoryLog(segmentSizeBytes: segmentSizeBytes, frameSizeBytes: frameSizeBytes)
        for name in 0..<5 { log.configure("room-\(name)") }
        var generator = SeededGenerator(seed: 5)
        var posted: [(message: Int, line: UInt64)] = []
        for step in 0..<235 {
            let old = posted.randomElement(using: &generator) ?? (0, 1)
            switch step % 6 {
            case 0: posted.append((step, log.post(step, to: "room-\(step % 5)", "message \(step)").rawValue))
            case 1: log.edit(old.message, in: "room-\(old.message % 5)", "edited \(step)")
            case 2: log.post(1000 + step, to: nil, "private \(step)")
            case 3 where step % 4 == 3: log.delete(old.message, in: "room-\(old.message % 5)")
            case 4 where step % 8 == 4: log.erase([old.line])
            default: log.configure("room-\(step % 5)")
            }
        }
        return log
    }
}
