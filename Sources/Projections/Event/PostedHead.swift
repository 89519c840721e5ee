package import LogValues
import RawJSON

/// Which message a line posts, when, and in which channel, read without the rest of the line.
///
/// It reads lines of posted messages as this program writes them; for whoever goes through very many, as an index does.
package struct PostedHead: Sendable, Equatable {
    package let time: Timestamp
    package let uuid: UUID128
    package let channel: ChannelName?

    /// Reads the line as far as it needs to; nil if it is another kind of line, or written in another way, and has to be
    /// read by key.
    package init?(_ line: Bytes) {
        var text = FixedTextReader(line)
        guard text.pass("{\"seq\":"), text.number() != nil, text.pass(",") else { return nil }
        _ = text.pass("\"more\":true,")
        guard text.pass("\"time\":\""),
            let time = text.timestamp(),
            text.pass("\",\"type\":\"message.posted\",\"source\":\""), text.name() != nil,
            text.pass("\",\"data\":{\"uuid\":\""),
            let uuid = text.uuid(),
            text.pass("\",\"")
        else { return nil }
        self.time = time
        self.uuid = uuid
        if text.pass("channel\":\"") {
            guard let name = text.name(), text.pass("\",\"") else { return nil }
            self.channel = ChannelName(utf8: Array(name))
        } else {
            self.channel = nil
        }
        // The keys behind it stand in their order, so that there is no other channel.
        guard text.pass("user\":\"") else { return nil }
    }
}
