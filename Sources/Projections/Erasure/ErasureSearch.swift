package import LogValues
import OrderedCollections
import RawJSON

/// Finds what an erasure takes away: fed with every line of a log, in order.
///
/// A value without files: the server and the command line tool bring the lines. It remembers the lines that it found,
/// and the messages that belong to the target.
package struct ErasureSearch: Sendable {
    /// Lines of one erasure; what lies beyond is found by the next one.
    package static let lineLimit = 1_000_000

    package let target: ErasureTarget
    /// Lines whose content belongs to the target and is there, sorted.
    package private(set) var lines: [SequenceNumber] = []
    /// How many of ``lines`` are values of a user's state.
    package private(set) var stateCount = 0
    /// Whether any line, with content or without, is about the target.
    package private(set) var isKnown = false
    /// Whether there were more lines than ``lineLimit``.
    package private(set) var isLimited = false

    private let lineLimit: Int
    private var decoder = EventDecoder()
    /// Messages whose edits belong to the target as well.
    private var owned: Set<UUID128> = []
    /// Messages of others that an edit has put under the name of the user that is erased, as long as they stand there.
    private var taken: Set<UUID128> = []
    /// Messages with a content to be erased that were not deleted.
    private var shown: OrderedDictionary<UUID128, MessageDeleted> = [:]

    package init(_ target: ErasureTarget, lineLimit: Int = ErasureSearch.lineLimit) {
        self.target = target
        self.lineLimit = lineLimit
    }

    /// The messages that clients may still show, oldest first.
    package var messages: [MessageDeleted] { Array(self.shown.values) }

    /// Takes the next line of the log.
    ///
    /// - Throws: ``EventCodingError`` if it cannot be read.
    package mutating func read(_ line: Bytes) throws(EventCodingError) {
        let decoded = try self.decoder.decode(line)
        switch decoded.event.payload {
        case .messagePosted(let message):
            self.read(message, at: decoded.position)
        case .messageEdited(let edit):
            self.read(edit, at: decoded.position)
        case .messageDeleted(let deletion):
            self.shown.removeValue(forKey: deletion.uuid)
            self.isKnown =
                self.isKnown || self.target == .message(deletion.uuid)
                || self.isTarget(deletion.addressing.channel)
        case .userConnected(let connected):
            self.isKnown = self.isKnown || connected.channels.contains { self.isTarget($0.name) }
            self.readState(of: connected.user, connected.content, at: decoded.position)
        case .userStateChanged(let changed):
            self.readState(of: changed.user, changed.content, at: decoded.position)
        case .connectionSubscribed(let subscribed):
            self.isKnown = self.isKnown || subscribed.channels.contains { self.isTarget($0.name) }
        case .channelConfigured(let configured):
            self.isKnown = self.isKnown || self.isTarget(configured.channel)
        case .nodeStarted, .nodeStopped, .connectionUnsubscribed, .connectionAttached, .connectionDetached,
            .connectionClosed, .userForgotten, .channelForgotten, .contentErased, .logCheckpointed, .logKeyChanged,
            .logDropped, .unknown:
            break
        }
    }

    // MARK: Messages

    private mutating func read(_ message: MessagePosted, at position: SequenceNumber) {
        self.taken.remove(message.uuid)
        let isTarget =
            switch self.target {
            case .message(let uuid): message.uuid == uuid
            case .user(let user): message.user == user
            case .channel(let channel): message.addressing.channel == channel
            }
        guard isTarget else {
            // The uuid was used again, by somebody else.
            self.owned.remove(message.uuid)
            return
        }
        self.isKnown = true
        self.owned.insert(message.uuid)
        guard message.content?.plain != nil, self.take(position) else { return }
        self.show(message.uuid, message.addressing)
    }

    private mutating func read(_ edit: MessageEdited, at position: SequenceNumber) {
        switch self.target {
        case .message(let uuid):
            guard edit.uuid == uuid else { return }
        case .user(let user):
            if let name = edit.user {
                if name == user { self.taken.insert(edit.uuid) } else { self.taken.remove(edit.uuid) }
            }
            guard self.owned.contains(edit.uuid) || self.taken.contains(edit.uuid) else { return }
        case .channel:
            guard self.owned.contains(edit.uuid) || self.isTarget(edit.addressing.channel) else { return }
        }
        self.isKnown = true
        guard edit.content?.plain != nil, self.take(position) else { return }
        self.show(edit.uuid, edit.addressing)
    }

    private mutating func show(_ uuid: UUID128, _ addressing: Addressing) {
        guard self.shown[uuid] == nil else { return }
        self.shown[uuid] = MessageDeleted(uuid: uuid, addressing: addressing, keepsOutOfHistory: false)
    }

    private func isTarget(_ channel: ChannelName?) -> Bool {
        if case .channel(let target) = self.target { target == channel } else { false }
    }

    // MARK: State

    private mutating func readState(of user: UserName, _ content: Content?, at position: SequenceNumber) {
        guard self.target == .user(user) else { return }
        self.isKnown = true
        guard content?.plain != nil, self.take(position) else { return }
        self.stateCount += 1
    }

    /// False if there are enough lines already.
    private mutating func take(_ position: SequenceNumber) -> Bool {
        guard self.lines.count < self.lineLimit else {
            self.isLimited = true
            return false
        }
        self.lines.append(position)
        return true
    }
}
