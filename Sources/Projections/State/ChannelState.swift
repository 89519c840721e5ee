import DequeModule
package import LogValues

/// A channel: its settings, who is in it, and what it keeps.
package struct ChannelState: Sendable {
    package let name: ChannelName
    package let uuid: UUID128
    package internal(set) var settings: ChannelSettings
    /// The last event that touched it: creation, configuration, coming and going, messages, edits, deletions.
    package internal(set) var lastActive: Timestamp
    /// Connections subscribed to it.
    package internal(set) var connectionCount = 0
    /// Users with a connection that is subscribed to it.
    var members = SortedNames<UserName>()
    /// Messages only.
    var storedHistory = FrameQueue()
    /// Messages, edits, deletions and presence, for catch-up.
    var frames = FrameQueue()
    /// State changes, for catch-up.
    ///
    /// Apart from the other frames, and not in the state digest: whether an event changes a user's state depends on its
    /// content, and a replay whose content was erased must keep the same frames and come to the same digest.
    var stateChanges: Deque<Frame> = []
    /// The frame among these that was dropped last for want of room.
    private(set) var lastDroppedChange: FrameQueue.Drop?
    /// The number of the digest after which it was changed first; 0 if it is as that digest, or a later one, saw it.
    var changedAfter: UInt64 = 0

    init(name: ChannelName, uuid: UUID128, settings: ChannelSettings, time: Timestamp) {
        self.name = name
        self.uuid = uuid
        self.settings = settings
        self.lastActive = time
    }

    /// Names of the users present, sorted.
    package var userNames: [UserName] { self.members.elements }

    /// Users present, each once.
    package var userCount: Int { self.members.count }

    /// Messages kept for info, oldest first.
    package var history: History { History(frames: self.storedHistory) }
}

extension ChannelState {
    /// The messages of a channel, oldest first: a view, nothing is copied before it is asked for.
    package struct History: RandomAccessCollection, Sendable {
        fileprivate let frames: FrameQueue

        package var startIndex: Int { 0 }
        package var endIndex: Int { self.frames.count }

        package subscript(index: Int) -> Message {
            guard case .message(let message) = self.frames[index].frame.kind else {
                preconditionFailure("a channel's history holds messages only")
            }
            return message
        }
    }

    /// Keeps a message as the settings say.
    mutating func keep(_ frame: Frame, outOfHistory: Bool) {
        if self.settings.storesHistory && !outOfHistory {
            self.storedHistory.append(frame, keeping: Int(self.settings.historySize))
        }
        self.keepForCatchUp(frame)
    }

    /// Keeps a frame for catch-up, if the settings say so.
    mutating func keepForCatchUp(_ frame: Frame) {
        if self.settings.storesFrames {
            self.frames.append(frame, keeping: HubState.framesKeptPerChannel)
        }
    }

    /// The same for a state change.
    mutating func keepForCatchUp(stateChange frame: Frame) {
        guard self.settings.storesFrames else { return }
        self.stateChanges.append(frame)
        if self.stateChanges.count > HubState.framesKeptPerChannel, let oldest = self.stateChanges.popFirst() {
            self.lastDroppedChange = FrameQueue.Drop(frame: oldest.position, by: frame.position)
        }
    }
}
