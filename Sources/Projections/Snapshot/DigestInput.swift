import LogValues

/// Bytes to be hashed, put together so that different values give different bytes: every number takes eight bytes,
/// every text is preceded by its size, every choice by its number.
struct DigestInput {
    /// The kind of thing that a digest stands for, as the first byte of its input; part of the format of digests.
    enum Tag: UInt8 {
        case state = 1
        case channel = 2
        case user = 3
        case message = 4
        case messageEdit = 5
        case edit = 6
        case deletion = 7
        case presence = 8
        case contents = 9
        case bucket = 10
        case page = 11
        case root = 12
    }

    private var bytes: [UInt8] = []

    init() {}

    /// Forgets what was put in before and starts anew, in the same memory.
    mutating func begin(_ tag: Tag) {
        self.bytes.removeAll(keepingCapacity: true)
        self.bytes.append(tag.rawValue)
    }

    /// The digest of what was put in since `begin`.
    func digest() -> Hash256 {
        Hash256(hashing: self.bytes)
    }

    mutating func add(_ number: UInt64) {
        self.bytes.append(upTo: 8) { $0.append(bigEndian: number) }
    }

    mutating func add(_ count: Int) {
        self.add(UInt64(truncatingIfNeeded: count))
    }

    mutating func add(_ flag: Bool) {
        self.bytes.append(flag ? 1 : 0)
    }

    mutating func add(_ text: [UInt8]) {
        self.add(text.count)
        self.bytes.append(contentsOf: text)
    }

    mutating func add(_ text: [UInt8]?) {
        self.add(text != nil)
        if let text {
            self.add(text)
        }
    }

    mutating func add(_ texts: [[UInt8]]) {
        self.add(texts.count)
        for text in texts {
            self.add(text)
        }
    }

    mutating func add(_ name: some Name) {
        self.add(name.utf8)
    }

    mutating func add<Element: Name>(_ names: [Element]) {
        self.add(names.count)
        for name in names {
            self.add(name)
        }
    }

    mutating func add(_ uuid: UUID128) {
        self.add(uuid.high)
        self.add(uuid.low)
    }

    mutating func add(_ position: SequenceNumber) {
        self.add(position.rawValue)
    }

    mutating func add(_ time: Timestamp) {
        self.add(UInt64(bitPattern: time.microseconds))
    }

    /// The text that was given, or that of the time, as clients are answered.
    mutating func add(_ text: [UInt8]?, else time: Timestamp) {
        if let text {
            self.add(text)
        } else {
            self.add(time.clientFormSize)
            time.appendClientForm(to: &self.bytes)
        }
    }

    mutating func add(_ digest: Hash256) {
        digest.appendBytes(to: &self.bytes)
    }

    /// Digests one behind the other.
    mutating func add(digests: [UInt8]) {
        self.bytes.append(contentsOf: digests)
    }

    mutating func add(_ digest: Hash256?) {
        self.add(digest != nil)
        if let digest {
            self.add(digest)
        }
    }

    mutating func add(_ settings: ChannelSettings) {
        self.add(settings.notifyPresence)
        self.add(settings.broadcastsUserLists)
        self.add(settings.notifyState)
        self.add(settings.storesHistory)
        self.add(UInt64(settings.historySize))
        self.add(settings.storesFrames)
    }

    /// The channel is left out: it is that of the state which keeps the frame.
    mutating func add(_ addressing: Addressing) {
        self.add(addressing.only)
        self.add(addressing.except)
    }
}
