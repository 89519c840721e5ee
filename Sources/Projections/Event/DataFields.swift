package import LogValues
package import RawJSON

/// What `data` of a line says about whom and what it concerns; slices of the line, nothing copied.
///
/// A key means the same in every type of event (`docs/log-format.md`, "Events"). What cannot be read is as if it were
/// not there: whoever verifies a log judges, who looks for something does not.
package struct DataFields: ~Escapable {
    /// Where a string stands in the text; small, since one of these is made for each line.
    private struct Place {
        private let start: Int32
        private let size: Int32
        let hasEscapes: Bool

        init(_ range: Range<Int>, hasEscapes: Bool) {
            // A line is far smaller.
            self.start = Int32(range.lowerBound)
            self.size = Int32(range.count)
            self.hasEscapes = hasEscapes
        }

        var range: Range<Int> { Int(self.start)..<Int(self.start + self.size) }
    }

    /// One of many that a line names.
    private enum Mention {
        case channel(Place)
        case addressee(Place)
        case line(UInt64)
    }

    private let text: Bytes
    private var uuidPlace: Place?
    private var channelPlace: Place?
    private var userPlace: Place?
    private var connectionPlace: Place?
    /// One list, which most lines leave empty.
    private var mentions: [Mention] = []
    /// Whether all of it could be read.
    package private(set) var isWhole = false

    /// - Parameter dataAndRest: Bytes that begin with the value of `data`.
    @_lifetime(copy dataAndRest)
    package init(_ dataAndRest: Bytes) {
        self.text = dataAndRest
        guard !self.readAtOnce() else { return }
        var scanner = JSONScanner(dataAndRest, maximumDepth: EventDecoder.maximumDepth)
        try? self.read(&scanner)
    }

    /// Reads the data of a message to a channel, or to all, as this program writes it: most of a log; false if it is another one.
    private mutating func readAtOnce() -> Bool {
        var reader = FixedTextReader(self.text)
        guard reader.pass("{\"uuid\":\""), let uuid = reader.name(), reader.pass("\"") else { return false }
        var channelPlace: Place?
        if reader.pass(",\"channel\":\"") {
            guard let channel = reader.name(), reader.pass("\"") else { return false }
            channelPlace = self.place(of: channel)
        }
        guard reader.pass(",\"user\":\""), let user = reader.name(), reader.pass("\"}") else { return false }
        self.uuidPlace = self.place(of: uuid)
        self.channelPlace = channelPlace
        self.userPlace = self.place(of: user)
        self.isWhole = true
        return true
    }

    private mutating func read(_ scanner: inout JSONScanner) throws(RawJSONError) {
        try scanner.beginObject()
        while let key = try scanner.nextMember() {
            if key == "uuid" {
                self.uuidPlace = self.place(of: try scanner.readString())
            } else if key == "channel" {
                self.channelPlace = self.place(of: try scanner.readString())
            } else if key == "user" {
                self.userPlace = self.place(of: try scanner.readString())
            } else if key == "conn_id" {
                self.connectionPlace = self.place(of: try scanner.readString())
            } else if key == "channels" {
                try self.readChannels(&scanner)
            } else if key == "pm_users" {
                try scanner.beginArray()
                while try scanner.nextElement() { self.mention(try scanner.readString()) { .addressee($0) } }
            } else if key == "lines" {
                try scanner.beginArray()
                while try scanner.nextElement() {
                    if let line = UInt64(exactly: try scanner.readInteger()) { self.mentions.append(.line(line)) }
                }
            } else {
                try scanner.skipValue()
            }
        }
        self.isWhole = true
    }

    private mutating func readChannels(_ scanner: inout JSONScanner) throws(RawJSONError) {
        guard try scanner.peek() == .object else {
            try scanner.beginArray()
            while try scanner.nextElement() { self.mention(try scanner.readString()) { .channel($0) } }
            return
        }
        try scanner.beginObject()
        while let name = try scanner.nextMember() {
            self.mention(name) { .channel($0) }
            try scanner.skipValue()
        }
    }

    private mutating func mention(_ string: JSONString, as mention: (Place) -> Mention) {
        if let place = self.place(of: string) { self.mentions.append(mention(place)) }
    }

    private func place(of string: JSONString) -> Place? { self.place(of: string.raw, hasEscapes: string.hasEscapes) }

    private func place(of raw: Bytes, hasEscapes: Bool = false) -> Place? {
        self.text.indices(of: raw).map { Place($0, hasEscapes: hasEscapes) }
    }

    @_lifetime(copy self)
    private func string(_ place: Place) -> JSONString {
        JSONString(raw: self.text.extracting(place.range), hasEscapes: place.hasEscapes)
    }

    @_lifetime(copy self)
    private func string(_ place: Place?) -> JSONString? {
        guard let place else { return nil }
        return self.string(place)
    }

    package var uuid: JSONString? {
        @_lifetime(copy self)
        get { self.string(self.uuidPlace) }
    }

    package var channel: JSONString? {
        @_lifetime(copy self)
        get { self.string(self.channelPlace) }
    }

    package var user: JSONString? {
        @_lifetime(copy self)
        get { self.string(self.userPlace) }
    }

    package var connection: JSONString? {
        @_lifetime(copy self)
        get { self.string(self.connectionPlace) }
    }

    /// Lends the names of `channels`, which is a list, or an object by name.
    package func forEachChannel(_ body: (JSONString) -> Void) {
        for case .channel(let place) in self.mentions { body(self.string(place)) }
    }

    /// `lines` of `content.erased`.
    package var lines: [UInt64] {
        self.mentions.compactMap { if case .line(let line) = $0 { line } else { nil } }
    }

    /// ``uuid`` as a value, if it is one.
    package var uuidValue: UUID128? { Self.uuid(self.uuid) }

    /// ``connection`` as a value, if it is one.
    package var connectionValue: UUID128? { Self.uuid(self.connection) }

    private static func uuid(_ text: JSONString?) -> UUID128? {
        guard let text else { return nil }
        return UUID128(canonical: text.raw)
    }

    /// Whether one of these channels is concerned.
    package func names(channelIn names: [[UInt8]]) -> Bool {
        if let place = self.channelPlace, self.isAny(of: names, place) { return true }
        for case .channel(let place) in self.mentions where self.isAny(of: names, place) { return true }
        return false
    }

    /// Whether one of these users is the author, the subject or an addressee.
    package func names(userIn names: [[UInt8]]) -> Bool {
        if let place = self.userPlace, self.isAny(of: names, place) { return true }
        for case .addressee(let place) in self.mentions where self.isAny(of: names, place) { return true }
        return false
    }

    private func isAny(of names: [[UInt8]], _ place: Place) -> Bool {
        let string = self.string(place)
        for name in names where string.equals(name) { return true }
        return false
    }
}
