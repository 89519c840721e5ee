import DequeModule

/// What a listener gets first: what happened in its connection's channels since the connection's position.
extension HubState {
    /// Frames kept of a channel, of all types.
    package static let framesKeptPerChannel = 100
    /// Private frames kept of a user.
    package static let framesKeptPerUser = 50

    /// The frames that a listener of this connection has not seen; none for an unknown connection.
    ///
    /// The channels come in sorted order, then the private frames; each of them oldest first.
    package func catchUp(of id: ConnectionID) -> [Frame] {
        guard let connection = self.connectionsByID[id] else { return [] }
        var frames: [Frame] = []
        for name in connection.channels {
            self.channelsByName[name]?.value.appendFrames(
                after: connection.position,
                visibleTo: connection.user,
                to: &frames
            )
        }
        if let user = self.usersByName[connection.user] {
            for stored in user.value.privateFrames
            where stored.frame.position > connection.position && stored.frame.isVisible(to: connection.user) {
                frames.append(stored.frame)
            }
        }
        return frames
    }
}

extension ChannelState {
    /// The last frames of all types, as far as they are newer and the user may see them.
    ///
    /// State changes are kept apart from the rest (see `stateChanges`), so the two are merged by position here, from
    /// the newest backwards, until enough are counted or all that follow were seen.
    func appendFrames(after position: Position, visibleTo user: UserName, to frames: inout [Frame]) {
        let start = frames.count
        var frame = self.frames.count
        var change = self.stateChanges.count
        for _ in 0..<HubState.framesKeptPerChannel {
            let next: Frame
            if frame > 0, change == 0 || self.frames[frame - 1].frame.position > self.stateChanges[change - 1].position
            {
                frame -= 1
                next = self.frames[frame].frame
            } else if change > 0 {
                change -= 1
                next = self.stateChanges[change]
            } else {
                break
            }
            guard next.position > position else { break }
            if next.isVisible(to: user) {
                frames.append(next)
            }
        }
        frames[start...].reverse()
    }
}
