import LogValues
import Projections
import RawJSON

/// What `data` of a line says about whom and what it concerns; slices of the line, nothing copied.
///
/// A key means the same in every type of event (`docs/log-format.md`, "Events"). What cannot be read is as if it were
/// not there: `verify` judges, filters do not.
struct DataFields: ~Escapable {
    /// Where a string stands in the text.
    private struct Place {
        let range: Range<Int>
        let hasEscapes: Bool
    }

    private let text: Bytes
    private var uuidPlace: Place?
    private var channelPlace: Place?
    private var userPlace: Place?
    private var connectionPlace: Place?
    private var channelPlaces: [Place] = []
    private var addresseePlaces: [Place] = []
    /// `lines` of `content.erased`.
    private(set) var lines: [UInt64] = []
    /// The whole value, if it could be read.
    private(set) var size = 0

    /// - Parameter dataAndRest: Bytes that begin with the value of `data`.
    @_lifetime(copy dataAndRest)
    init(_ dataAndRest: Bytes) {
        self.text = dataAndRest
        var scanner = JSONScanner(dataAndRest, maximumDepth: EventDecoder.maximumDepth)
        try? self.read(&scanner)
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
                while try scanner.nextElement() { self.addresseePlaces += self.place(of: try scanner.readString()) }
            } else if key == "lines" {
                try scanner.beginArray()
                while try scanner.nextElement() {
                    if let line = UInt64(exactly: try scanner.readInteger()) { self.lines.append(line) }
                }
            } else {
                try scanner.skipValue()
            }
        }
        self.size = scanner.offset
    }

    private mutating func readChannels(_ scanner: inout JSONScanner) throws(RawJSONError) {
        guard try scanner.peek() == .object else {
            try scanner.beginArray()
            while try scanner.nextElement() { self.channelPlaces += self.place(of: try scanner.readString()) }
            return
        }
        try scanner.beginObject()
        while let name = try scanner.nextMember() {
            self.channelPlaces += self.place(of: name)
            try scanner.skipValue()
        }
    }

    private func place(of string: JSONString) -> Place? {
        self.text.indices(of: string.raw).map { Place(range: $0, hasEscapes: string.hasEscapes) }
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

    var uuid: JSONString? {
        @_lifetime(copy self)
        get { self.string(self.uuidPlace) }
    }

    var channel: JSONString? {
        @_lifetime(copy self)
        get { self.string(self.channelPlace) }
    }

    var user: JSONString? {
        @_lifetime(copy self)
        get { self.string(self.userPlace) }
    }

    var connection: JSONString? {
        @_lifetime(copy self)
        get { self.string(self.connectionPlace) }
    }

    /// Lends the names of `channels`, which is a list, or an object by name.
    func forEachChannel(_ body: (JSONString) -> Void) {
        for place in self.channelPlaces { body(self.string(place)) }
    }

    /// ``uuid`` as a value, if it is one.
    var uuidValue: UUID128? { Self.uuid(self.uuid) }

    /// ``connection`` as a value, if it is one.
    var connectionValue: UUID128? { Self.uuid(self.connection) }

    private static func uuid(_ text: JSONString?) -> UUID128? {
        guard let text else { return nil }
        return UUID128(canonical: text.raw)
    }

    /// Whether one of these channels is concerned.
    func names(channelIn names: [[UInt8]]) -> Bool {
        self.isAny(of: names, self.channelPlace, self.channelPlaces)
    }

    /// Whether one of these users is the author, the subject or an addressee.
    func names(userIn names: [[UInt8]]) -> Bool {
        self.isAny(of: names, self.userPlace, self.addresseePlaces)
    }

    private func isAny(of names: [[UInt8]], _ one: Place?, _ others: [Place]) -> Bool {
        if let one, self.isAny(of: names, one) { return true }
        for place in others where self.isAny(of: names, place) { return true }
        return false
    }

    private func isAny(of names: [[UInt8]], _ place: Place) -> Bool {
        let string = self.string(place)
        for name in names where string.equals(name) { return true }
        return false
    }
}

extension Array {
    fileprivate static func += (array: inout Self, element: Element?) {
        if let element { array.append(element) }
    }
}
