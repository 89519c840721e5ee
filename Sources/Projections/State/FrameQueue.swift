import DequeModule
import LogValues

/// Frames that are kept, oldest first, and what has become of them since their last digest.
///
/// New ones come at the end and old ones go at the front, so that what a digest knows already is the beginning of the
/// list: two counts tell it, and a digest looks at the rest only.
struct FrameQueue: Sendable {
    private var frames: Deque<StoredFrame> = []
    /// How many of the frames at the front are those of the last digest, unchanged.
    private var digestedCount = 0
    /// How many frames of the last digest stood before these.
    private var droppedCount = 0
    /// The frame that was dropped last for want of room; it is not in the digest, nor in snapshots.
    private(set) var lastDrop: Drop?

    /// A frame that went for a newer one.
    struct Drop: Sendable {
        let frame: SequenceNumber
        let by: SequenceNumber
    }

    /// Adds a frame, and drops the oldest beyond the limit.
    mutating func append(_ frame: Frame, keeping limit: Int) {
        self.append(StoredFrame(frame))
        let excess = self.frames.count - limit
        guard excess > 0 else { return }
        self.lastDrop = Drop(frame: self.frames[excess - 1].frame.position, by: frame.position)
        // Nearly always one.
        if excess == 1 {
            _ = self.frames.removeFirst()
        } else {
            self.frames.removeFirst(excess)
        }
        let known = Swift.min(excess, self.digestedCount)
        self.digestedCount -= known
        self.droppedCount += known
    }

    /// Adds a frame as a snapshot has kept it.
    mutating func append(_ stored: StoredFrame) {
        self.frames.append(stored)
    }

    /// Drops all frames.
    mutating func removeAll() {
        self.frames = []
        self.digestedCount = 0
    }

    /// Edits the messages that the edit is about; whether there were any.
    mutating func apply(
        _ edit: MessageEdited,
        at position: SequenceNumber,
        time: Timestamp,
        using input: inout DigestInput
    ) -> Bool {
        var isFound = false
        for index in self.frames.indices
        where self.frames[index].apply(edit, at: position, time: time, using: &input) {
            isFound = true
            self.digestedCount = Swift.min(self.digestedCount, index)
        }
        return isFound
    }

    /// Removes the messages with that uuid, and what was said about their edits; whether there were any messages.
    mutating func removeMessage(_ uuid: UUID128) -> Bool {
        guard let first = self.frames.firstIndex(where: { $0.isAbout(uuid) }) else { return false }
        var isFound = false
        self.digestedCount = Swift.min(self.digestedCount, first)
        self.frames.removeAll { stored in
            guard stored.isAbout(uuid) else { return false }
            switch stored.frame.kind {
            case .message:
                isFound = true
                return true
            case .edit:
                return true
            case .deletion, .presence, .stateChange:
                return false
            }
        }
        return isFound
    }

    /// Puts other forms of frames in their place: ones without contents that were erased.
    ///
    /// Digests stay, since they never saw content.
    ///
    /// - Parameter body: Gives the other form, nil where there is none.
    mutating func replace(_ body: (Frame) -> Frame?) {
        for index in self.frames.indices {
            if let frame = body(self.frames[index].frame) {
                self.frames[index].replace(frame)
            }
        }
    }
}

extension FrameQueue: RandomAccessCollection {
    var startIndex: Int { 0 }
    var endIndex: Int { self.frames.count }

    subscript(index: Int) -> StoredFrame { self.frames[index] }
}

// MARK: - Digests

extension FrameQueue {
    /// The difference between a list and what a digest knew of it before.
    struct Changes: Sendable {
        /// How many of the frames that it knew go at the front.
        let droppedCount: Int
        /// How many of those that follow stay; the rest of what it knew is gone, or has changed.
        let keptCount: Int
        /// All that follow now.
        let added: Deque<StoredFrame>
    }

    /// Takes what has changed since this was last asked for.
    ///
    /// It costs as much as there is new. If that is everything, the list is shared, and copied when it changes next.
    mutating func takeChanges() -> Changes {
        let added =
            self.digestedCount == 0 ? self.frames : Deque(self.frames[self.digestedCount...])
        let changes = Changes(droppedCount: self.droppedCount, keptCount: self.digestedCount, added: added)
        self.digestedCount = self.frames.count
        self.droppedCount = 0
        return changes
    }

    /// Everything, for a digest that knows nothing.
    mutating func takeAll() -> Changes {
        self.digestedCount = 0
        return self.takeChanges()
    }
}
