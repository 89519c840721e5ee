import LogValues
import Projections
import RawJSON

/// What the index keeps of an event line, read without decoding the event: its time, and whom it names.
///
/// No content.
struct IndexedLine: Sendable, Equatable {
    enum Subject: Sendable, Equatable {
        case posted(UUID128, ChannelName?)
        /// Edited or deleted.
        case changed(UUID128)
        /// `content.erased`: the lines that it names.
        case erased([UInt64])
        /// Channels that are named by coming into being, or by being joined.
        case channels([ChannelName])
        case nothing
    }

    let time: Timestamp
    let subject: Subject

    /// Reads a line; nil if it is no event line.
    ///
    /// - Parameter line: The line without its newline.
    init?(_ line: Bytes) {
        guard let fields = LineFields(line), let time = Timestamp(logForm: fields.time),
            let subject = Subject(fields)
        else { return nil }
        self.time = time
        self.subject = subject
    }
}

extension IndexedLine.Subject {
    /// Whom a line names; nil if its data cannot be read.
    fileprivate init?(_ line: LineFields) {
        let type = line.type
        if type.equals("message.posted") {
            let data = line.data
            guard data.isWhole, let uuid = data.uuidValue else { return nil }
            self = .posted(uuid, data.channelValue)
        } else if type.equals("message.edited") || type.equals("message.deleted") {
            let data = line.data
            guard data.isWhole, let uuid = data.uuidValue else { return nil }
            self = .changed(uuid)
        } else if type.equals("content.erased") {
            let data = line.data
            guard data.isWhole else { return nil }
            self = .erased(data.lines)
        } else if type.equals("channel.configured") || type.equals("user.connected")
            || type.equals("connection.subscribed")
        {
            let data = line.data
            guard data.isWhole else { return nil }
            self = .channels(data.allChannels)
        } else {
            self = .nothing
        }
    }
}

extension DataFields {
    fileprivate var channelValue: ChannelName? {
        guard let channel = self.channel else { return nil }
        return ChannelName(utf8: channel.decodedUTF8())
    }

    fileprivate var allChannels: [ChannelName] {
        var channels = self.channelValue.map { [$0] } ?? []
        self.forEachChannel { channels.append(ChannelName(utf8: $0.decodedUTF8())) }
        return channels
    }
}
