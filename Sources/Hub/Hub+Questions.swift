import Projections
import RawJSON

/// The answers that the hub gives from its state alone.
extension Hub {
    private static let noRoom = Reply.unavailable(
        reason: "too many large answers have not been taken by their clients yet; try again"
    )

    func answer(_ question: Question) -> Reply {
        switch question {
        case .info(let options):
            self.settings.hasRoomForAnswers() ? self.info(options) : Self.noRoom
        case .adminInfo:
            self.settings.hasRoomForAnswers() ? self.adminInfo() : Self.noRoom
        case .find(let subject):
            StateFault(subject, unknownTo: self.state).map { .invalid($0) } ?? .json([])
        case .missedPart(let request):
            self.missedPart(request)
        }
    }

    private func missedPart(_ request: Question.MissedRequest) -> Reply {
        let isGone =
            !request.allowsGaps
            && self.state.hasDropped(
                of: request.user,
                in: request.channels,
                after: request.after,
                through: request.through
            )
        guard !isGone else { return .refused }
        return .missed(
            self.state.missedPart(
                by: request.user,
                in: request.channels,
                after: request.after,
                through: request.through,
                size: request.size
            )
        )
    }

    private func info(_ options: InfoOptions?) -> Reply {
        let options = options ?? InfoOptions()
        var writer = JSONWriter(capacity: 4096)
        ChannelsInfoWriter.write(self.state, channels: options.channels, options: options, into: &writer)
        return .json(writer.bytes)
    }

    private func adminInfo() -> Reply {
        var writer = JSONWriter(capacity: 4096)
        AdminInfoWriter.write(
            self.state,
            uptime: self.clock.elapsed - self.startedAt,
            version: self.settings.version,
            into: &writer
        )
        return .json(writer.bytes)
    }
}
