import LogValues
import RawJSON

/// Reads the lines of posted messages as this program writes them: keys in their order, nothing optional but a channel
/// and content, no blanks, no escapes in names.
///
/// Nine lines of ten are such, and this takes a third of the time of asking of each key what it is. It never refuses a
/// line: at the first byte that is different it gives up, and the line is read by key (``EventEnvelope``), which says
/// what is wrong with it, if anything. A line that both can read means the same to both.
struct PostedLineReader: Sendable {
    /// The last second that was read: many lines of one second follow each other.
    private var second: LogSecond?
    /// The last source: mostly all lines have the same.
    private var source = NodeName(utf8: [])

    /// Reads a line; nil if it has to be read by key.
    mutating func read(_ line: Bytes, names: inout NameCache) -> EventLine? {
        var text = FixedTextReader(line)
        guard let (number, hasMore) = text.opening(), let time = self.time(&text),
            text.pass("\",\"type\":\"message.posted\",\"source\":\""), let source = text.name(),
            text.pass("\",\"data\":{\"uuid\":\""),
            let uuid = text.uuid(),
            text.pass("\"")
        else { return nil }
        var channel: ChannelName?
        if text.pass(",\"channel\":\"") {
            guard let name = text.name(), text.pass("\"") else { return nil }
            channel = ChannelName(utf8: names.bytes(of: name))
        }
        guard text.pass(",\"user\":\""), let user = text.name(), text.pass("\"}") else { return nil }
        var content: Content?
        if !text.isBeforeEnd("}") {
            guard let read = Self.content(&text) else { return nil }
            content = read
        }
        if !source.equals(self.source.utf8.span) { self.source = NodeName(utf8: Array(source)) }
        let message = MessagePosted(
            uuid: uuid,
            user: UserName(utf8: names.bytes(of: user)),
            addressing: Addressing(channel: channel, only: [], except: []),
            keepsOutOfHistory: false,
            timestamp: nil,
            content: content
        )
        let event = Event(time: time, source: self.source, payload: .messagePosted(message))
        return EventLine(position: SequenceNumber(number), hasMore: hasMore, event: event)
    }

    private mutating func time(_ text: inout FixedTextReader) -> Timestamp? {
        guard let moment = text.take(Timestamp.logFormSize) else { return nil }
        if let time = self.second?.time(of: moment) { return time }
        self.second = LogSecond(moment)
        return Timestamp(logForm: moment)
    }

    /// `,"salt":"…","content":{…}}`, to the end of the line.
    private static func content(_ text: inout FixedTextReader) -> Content? {
        guard text.pass(",\"salt\":\""), let salt = text.salt(),
            text.pass("\",\"content\":"), let rest = text.rest(before: "}")
        else { return nil }
        // A value inside of a line may be as deep as the line less one.
        var scanner = JSONScanner(rest, maximumDepth: EventDecoder.maximumDepth - 1)
        guard let slice = try? scanner.readValue(), slice.kind == .object, slice.bytes.count == rest.count else {
            return nil
        }
        return Content(salt: salt, written: Content.Written(slice))
    }
}

/// A second as the log writes it, and when it is.
private struct LogSecond: Sendable {
    private let text: (UInt64, UInt64, UInt32)
    private let start: Int64

    /// Reads a moment in the form of the log; nil if the text is none.
    init?(_ moment: Bytes) {
        guard let time = Timestamp(logForm: moment), let fraction = Self.fraction(of: moment) else { return nil }
        self.text = Self.text(of: moment)
        self.start = time.microseconds - fraction
    }

    /// The moment, if it lies in this second.
    @inline(__always)
    func time(of moment: Bytes) -> Timestamp? {
        guard self.text == Self.text(of: moment), moment[26] == UInt8(ascii: "Z"),
            let fraction = Self.fraction(of: moment)
        else { return nil }
        return Timestamp(microseconds: self.start + fraction)
    }

    /// The first 20 bytes: `2026-11-23T23:10:11.`.
    @inline(__always)
    private static func text(of moment: Bytes) -> (UInt64, UInt64, UInt32) {
        (
            moment.word(at: 0),
            moment.word(at: 8),
            moment.halfWord(at: 16)
        )
    }

    @inline(__always)
    private static func fraction(of moment: Bytes) -> Int64? {
        var fraction: Int64 = 0
        for offset in 20..<26 {
            let digit = moment[offset] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            fraction = fraction * 10 + Int64(digit)
        }
        return fraction
    }
}
