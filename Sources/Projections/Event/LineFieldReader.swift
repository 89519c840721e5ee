import LogValues
import RawJSON

/// Reads the values of an event line, each as what its key says.
struct LineFieldReader: ~Escapable {
    var scanner: JSONScanner
    /// Where the scanner's bytes begin in the line: errors count from the line's start.
    let base: Int

    @_lifetime(copy bytes)
    init(_ bytes: Bytes, base: Int = 0, maximumDepth: Int) {
        self.scanner = JSONScanner(bytes, maximumDepth: maximumDepth)
        self.base = base
    }

    func unexpected(_ key: StaticString) -> EventCodingError {
        .unexpected(key: "\(key)", offset: self.base + self.scanner.offset)
    }
}

// MARK: - JSON

extension LineFieldReader {
    mutating func beginObject() throws(EventCodingError) {
        do { try self.scanner.beginObject() } catch { throw .json(error) }
    }

    @_lifetime(copy self)
    mutating func nextMember() throws(EventCodingError) -> JSONString? {
        do { return try self.scanner.nextMember() } catch { throw .json(error) }
    }

    mutating func kind() throws(EventCodingError) -> JSONScanner.Kind {
        do { return try self.scanner.peek() } catch { throw .json(error) }
    }

    @_lifetime(copy self)
    mutating func slice() throws(EventCodingError) -> JSONSlice {
        do { return try self.scanner.readValue() } catch { throw .json(error) }
    }

    @_lifetime(copy self)
    mutating func string() throws(EventCodingError) -> JSONString {
        do { return try self.scanner.readString() } catch { throw .json(error) }
    }

    mutating func boolean() throws(EventCodingError) -> Bool {
        do { return try self.scanner.readBoolean() } catch { throw .json(error) }
    }

    mutating func skip() throws(EventCodingError) {
        do { try self.scanner.skipValue() } catch { throw .json(error) }
    }

    mutating func finish() throws(EventCodingError) {
        do { try self.scanner.finish() } catch { throw .json(error) }
    }

    mutating func unsigned(_ key: StaticString) throws(EventCodingError) -> UInt64 {
        let number: Int64
        do { number = try self.scanner.readInteger() } catch { throw .json(error) }
        guard let unsigned = UInt64(exactly: number) else { throw self.unexpected(key) }
        return unsigned
    }

    /// Calls `element` for each element of an array, which has to read it.
    mutating func forEachElement(
        _ element: (inout LineFieldReader) throws(EventCodingError) -> Void
    ) throws(EventCodingError) {
        do { try self.scanner.beginArray() } catch { throw .json(error) }
        while true {
            let isThere: Bool
            do { isThere = try self.scanner.nextElement() } catch { throw .json(error) }
            guard isThere else { return }
            try element(&self)
        }
    }
}

// MARK: - Values

extension LineFieldReader {
    mutating func uuid(_ key: StaticString) throws(EventCodingError) -> UUID128 {
        guard let uuid = UUID128(canonical: try self.string().raw) else { throw self.unexpected(key) }
        return uuid
    }

    mutating func timestamp(_ key: StaticString) throws(EventCodingError) -> Timestamp {
        guard let time = Timestamp(logForm: try self.string().raw) else { throw self.unexpected(key) }
        return time
    }

    mutating func digest(_ key: StaticString) throws(EventCodingError) -> Hash256 {
        guard let digest = Hash256(base64URL: try self.string().raw) else { throw self.unexpected(key) }
        return digest
    }

    mutating func salt(_ key: StaticString) throws(EventCodingError) -> Salt {
        guard let salt = Salt(base64URL: try self.string().raw) else { throw self.unexpected(key) }
        return salt
    }

    mutating func text() throws(EventCodingError) -> String {
        try self.string().decoded()
    }

    mutating func bytes() throws(EventCodingError) -> [UInt8] {
        try self.string().decodedUTF8()
    }

    /// One of the raw values of an enum.
    mutating func choice<Choice: RawRepresentable<String>>(
        _ key: StaticString,
        _: Choice.Type
    ) throws(EventCodingError) -> Choice {
        guard let choice = Choice(rawValue: try self.text()) else { throw self.unexpected(key) }
        return choice
    }

    mutating func name<Kind: Name>(_ names: inout NameCache) throws(EventCodingError) -> Kind {
        Kind(utf8: names.bytes(of: try self.string()))
    }

    mutating func nameList<Kind: Name>(_ names: inout NameCache) throws(EventCodingError) -> [Kind] {
        var list: [Kind] = []
        try self.forEachElement { reader throws(EventCodingError) in
            list.append(try reader.name(&names))
        }
        return list
    }

    mutating func texts() throws(EventCodingError) -> [[UInt8]] {
        var list: [[UInt8]] = []
        try self.forEachElement { reader throws(EventCodingError) in
            list.append(try reader.bytes())
        }
        return list
    }

    mutating func positions(_ key: StaticString) throws(EventCodingError) -> [SequenceNumber] {
        var list: [SequenceNumber] = []
        try self.forEachElement { reader throws(EventCodingError) in
            list.append(SequenceNumber(try reader.unsigned(key)))
        }
        return list
    }

    /// An object: channel -> settings.
    mutating func channelSeeds(_ names: inout NameCache) throws(EventCodingError) -> [ChannelSeed] {
        var seeds: [ChannelSeed] = []
        try self.beginObject()
        while let name = try self.nextMember() {
            let channel = ChannelName(utf8: names.bytes(of: name))
            seeds.append(ChannelSeed(name: channel, settings: try self.settings()))
        }
        return seeds
    }

    /// An object of what differs from the defaults.
    mutating func settings() throws(EventCodingError) -> ChannelSettings {
        var settings = ChannelSettings()
        try self.beginObject()
        while let key = try self.nextMember() {
            switch key {
            case "notify_presence":
                settings.notifyPresence = try self.boolean()
            case "broadcast_presence_with_user_lists":
                settings.broadcastsUserLists = try self.boolean()
            case "notify_state":
                settings.notifyState = try self.boolean()
            case "store_history":
                settings.storesHistory = try self.boolean()
            case "history_size":
                guard let size = UInt32(exactly: try self.unsigned("history_size")) else {
                    throw self.unexpected("history_size")
                }
                settings.historySize = size
            case "store_frames":
                settings.storesFrames = try self.boolean()
            default:
                try self.skip()
            }
        }
        return settings
    }
}
