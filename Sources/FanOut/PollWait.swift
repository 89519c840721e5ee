import NIOCore

/// When a poll is answered: after a while without any message, or a moment after the last of several.
struct PollWait {
    private let settings: PollSettings
    private let begun: NIODeadline
    private var firstMessage: NIODeadline?
    private var lastMessage: NIODeadline?

    init(settings: PollSettings, now: NIODeadline) {
        self.settings = settings
        self.begun = now
    }

    var deadline: NIODeadline {
        guard let first = self.firstMessage, let last = self.lastMessage else {
            return self.begun + self.settings.wait
        }
        return min(last + self.settings.quiet, first + self.settings.gathering)
    }

    mutating func messageCame(now: NIODeadline) {
        self.firstMessage = self.firstMessage ?? now
        self.lastMessage = now
    }
}
