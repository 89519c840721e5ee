/// Who may see a message: a channel's subscribers or named users, less the excluded.
package struct Addressing: Hashable, Sendable {
    package let channel: ChannelName?
    /// Only these users; empty means everybody in the channel.
    package let only: [UserName]
    package let except: [UserName]
    package init(channel: ChannelName?, only: [UserName], except: [UserName]) {
        self.channel = channel
        self.only = only
        self.except = except
    }

    /// Who may see it of those in the channel, or of all users where there is none.
    package enum Recipients: Equatable {
        case everybody
        case everybodyBut([UserName])
        /// These alone; some may be named more than once.
        case users([UserName])
    }

    package var recipients: Recipients {
        if self.isToNobody { return .users([]) }
        if self.only.isEmpty { return self.except.isEmpty ? .everybody : .everybodyBut(self.except) }
        if self.except.isEmpty { return .users(self.only) }
        let excepted = Set(self.except)
        return .users(self.only.filter { !excepted.contains($0) })
    }

    /// Whether neither a channel nor a user is named.
    package var isToNobody: Bool { self.channel == nil && self.only.isEmpty }

    /// Whether this user is among the ``recipients``: the same rule, for one and without a list of all.
    package func reaches(_ user: UserName) -> Bool {
        !self.isToNobody && (self.only.isEmpty || self.only.contains(user)) && !self.except.contains(user)
    }
}
