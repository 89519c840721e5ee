/// How many connections of a user are subscribed to each channel; only channels with at least one.
///
/// Most users are in few channels, very many in one: that one needs no table, whose least size is over 100 bytes.
struct SubscriptionCounts: Sendable {
    private struct Entry {
        let channel: ChannelName
        var count: Int
    }

    /// Any one of the channels; nil does not mean that there are no others.
    private var first: Entry?
    private var others: [ChannelName: Int] = [:]

    init() {}

    /// In no order.
    var channels: [ChannelName] {
        (self.first.map { [$0.channel] } ?? []) + self.others.keys
    }

    /// How many connections are in a channel.
    subscript(channel: ChannelName) -> Int {
        if let first = self.first, first.channel == channel { return first.count }
        return self.others[channel] ?? 0
    }

    /// Counts one connection more in a channel.
    mutating func add(_ channel: ChannelName) {
        if let first = self.first, first.channel == channel {
            self.first?.count += 1
        } else if let count = self.others[channel] {
            self.others[channel] = count + 1
        } else if self.first == nil {
            self.first = Entry(channel: channel, count: 1)
        } else {
            self.others[channel] = 1
        }
    }

    /// Counts one connection less in a channel; whether it was the last.
    mutating func remove(_ channel: ChannelName) -> Bool {
        switch self[channel] {
        case 0:
            return false
        case 1:
            self.removeAll(channel)
            return true
        default:
            if self.first?.channel == channel { self.first?.count -= 1 } else { self.others[channel, default: 1] -= 1 }
            return false
        }
    }

    /// Counts no connection any more in a channel.
    mutating func removeAll(_ channel: ChannelName) {
        if self.first?.channel == channel { self.first = nil } else { self.others[channel] = nil }
    }
}
