import LogValues
import Projections
import RawJSON

/// What `data` of a line says about whom and what it concerns; slices of the line, nothing copied.
///
/// A key means the same in every type of event (`docs/log-format.md`, "Events"). What cannot be read is as if it were
/// not there: `verify` judges, filters do not.
struct DataFields {
    private(set) var uuid: JSONString?
    private(set) var channel: JSONString?
    private(set) var user: JSONString?
    private(set) var connection: JSONString?
    /// `channels`: names, or an object by name.
    private(set) var channels: [JSONString] = []
    /// `pm_users`.
    private(set) var addressees: [JSONString] = []
    /// `lines` of `content.erased`.
    private(set) var lines: [UInt64] = []
    /// The whole value, if it could be read.
    private(set) var size = 0

    /// - Parameter dataAndRest: Bytes that begin with the value of `data`.
    init(_ dataAndRest: UnsafeRawBufferPointer) {
        var scanner = JSONScanner(dataAndRest, maximumDepth: EventDecoder.maximumDepth)
        try? self.read(&scanner)
    }

    private mutating func read(_ scanner: inout JSONScanner) throws(RawJSONError) {
        try scanner.beginObject()
        while let key = try scanner.nextMember() {
            if key == "uuid" {
                self.uuid = try scanner.readString()
            } else if key == "channel" {
                self.channel = try scanner.readString()
            } else if key == "user" {
                self.user = try scanner.readString()
            } else if key == "conn_id" {
                self.connection = try scanner.readString()
            } else if key == "channels" {
                try self.readChannels(&scanner)
            } else if key == "pm_users" {
                try scanner.beginArray()
                while try scanner.nextElement() { self.addressees.append(try scanner.readString()) }
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
            while try scanner.nextElement() { self.channels.append(try scanner.readString()) }
            return
        }
        try scanner.beginObject()
        while let name = try scanner.nextMember() {
            self.channels.append(name)
            try scanner.skipValue()
        }
    }

    /// ``uuid`` as a value, if it is one.
    var uuidValue: UUID128? { self.uuid.flatMap { UUID128(canonical: $0.raw) } }

    /// Whether one of these channels is concerned.
    func names(channelIn names: [[UInt8]]) -> Bool {
        if let channel = self.channel, names.contains(where: { channel.equals($0) }) { return true }
        return self.channels.contains { channel in names.contains { channel.equals($0) } }
    }

    /// Whether one of these users is the author, the subject or an addressee.
    func names(userIn names: [[UInt8]]) -> Bool {
        if let user = self.user, names.contains(where: { user.equals($0) }) { return true }
        return self.addressees.contains { user in names.contains { user.equals($0) } }
    }
}
