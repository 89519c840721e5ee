import LogValues

/// The way from the values of `data` to the payload of a type.
extension EventFields {
    /// The payload of a type, of the values that were read.
    ///
    /// - Throws: ``EventCodingError/missing(key:)`` for a key that the type cannot do without.
    func payload(of type: EventType, content: Content?) throws(EventCodingError) -> Event.Payload {
        switch type {
        case .nodeStarted: .nodeStarted(try self.nodeStarted())
        case .nodeStopped: .nodeStopped(NodeStopped(epoch: try self.epoch.required("epoch")))
        case .userConnected: .userConnected(try self.userConnected(content))
        case .connectionSubscribed: .connectionSubscribed(try self.connectionSubscribed())
        case .connectionUnsubscribed: .connectionUnsubscribed(try self.connectionUnsubscribed())
        case .connectionAttached: .connectionAttached(try self.connectionAttached())
        case .connectionDetached: .connectionDetached(try self.connectionDetached())
        case .connectionClosed: .connectionClosed(try self.connectionClosed())
        case .userStateChanged: .userStateChanged(try self.userStateChanged(content))
        case .userForgotten: .userForgotten(UserForgotten(user: try self.user.required("user")))
        case .channelConfigured: .channelConfigured(try self.channelConfigured())
        case .channelForgotten:
            .channelForgotten(ChannelForgotten(channel: try self.channel.required("channel")))
        case .messagePosted: .messagePosted(try self.messagePosted(content))
        case .messageEdited: .messageEdited(try self.messageEdited(content))
        case .messageDeleted: .messageDeleted(try self.messageDeleted())
        case .contentErased: .contentErased(try self.contentErased())
        case .logCheckpointed: .logCheckpointed(try self.logCheckpointed())
        case .logKeyChanged: .logKeyChanged(try self.logKeyChanged())
        case .logDropped: .logDropped(try self.logDropped())
        }
    }
}

// MARK: - Messages

extension EventFields {
    private var addressing: Addressing {
        Addressing(channel: self.channel, only: self.only, except: self.except)
    }

    private func messagePosted(_ content: Content?) throws(EventCodingError) -> MessagePosted {
        MessagePosted(
            uuid: try self.uuid.required("uuid"),
            user: try self.user.required("user"),
            addressing: self.addressing,
            keepsOutOfHistory: self.keepsOutOfHistory,
            timestamp: self.timestamp,
            content: content
        )
    }

    func messageEdited(_ content: Content?) throws(EventCodingError) -> MessageEdited {
        MessageEdited(
            uuid: try self.uuid.required("uuid"),
            addressing: self.addressing,
            keepsOutOfHistory: self.keepsOutOfHistory,
            user: self.user,
            timestamp: self.timestamp,
            edited: self.edited,
            content: content,
            keepsMessage: self.keepsMessage || content == nil
        )
    }

    func messageDeleted() throws(EventCodingError) -> MessageDeleted {
        MessageDeleted(
            uuid: try self.uuid.required("uuid"),
            addressing: self.addressing,
            keepsOutOfHistory: self.keepsOutOfHistory
        )
    }
}

// MARK: - Connections

extension EventFields {
    private func userConnected(_ content: Content?) throws(EventCodingError) -> UserConnected {
        UserConnected(
            seed: try self.seed.required("seed"),
            connection: try self.connection.required("conn_id"),
            user: try self.user.required("user"),
            channels: self.channelSeeds,
            publicKeys: self.publicKeys ?? [],
            content: content
        )
    }

    private func connectionSubscribed() throws(EventCodingError) -> ConnectionSubscribed {
        ConnectionSubscribed(
            seed: try self.seed.required("seed"),
            connection: try self.connection.required("conn_id"),
            channels: self.channelSeeds
        )
    }

    private func connectionUnsubscribed() throws(EventCodingError) -> ConnectionUnsubscribed {
        ConnectionUnsubscribed(
            seed: try self.seed.required("seed"),
            connection: try self.connection.required("conn_id"),
            channels: self.channelNames
        )
    }

    private func connectionAttached() throws(EventCodingError) -> ConnectionAttached {
        ConnectionAttached(
            connection: try self.connection.required("conn_id"),
            transport: try self.transport.required("transport")
        )
    }

    private func connectionDetached() throws(EventCodingError) -> ConnectionDetached {
        ConnectionDetached(
            connection: try self.connection.required("conn_id"),
            position: try self.position.required("position")
        )
    }

    private func connectionClosed() throws(EventCodingError) -> ConnectionClosed {
        ConnectionClosed(
            seed: try self.seed.required("seed"),
            connection: try self.connection.required("conn_id"),
            reason: try self.closeReason.required("reason")
        )
    }
}

// MARK: - Users, channels, the log itself

extension EventFields {
    private func userStateChanged(_ content: Content?) throws(EventCodingError) -> UserStateChanged {
        UserStateChanged(
            seed: try self.seed.required("seed"),
            user: try self.user.required("user"),
            publicKeys: self.publicKeys,
            content: content
        )
    }

    private func channelConfigured() throws(EventCodingError) -> ChannelConfigured {
        ChannelConfigured(
            seed: try self.seed.required("seed"),
            channel: try self.channel.required("channel"),
            settings: self.settings
        )
    }

    private func nodeStarted() throws(EventCodingError) -> NodeStarted {
        NodeStarted(
            epoch: try self.epoch.required("epoch"),
            version: try self.version.required("version"),
            afterCrash: self.isAfterCrash,
            listenersHadSeen: self.position ?? .start
        )
    }

    private func contentErased() throws(EventCodingError) -> ContentErased {
        ContentErased(
            target: self.uuid.map { .message($0) } ?? self.user.map { .user($0) } ?? self.channel.map { .channel($0) },
            lines: self.lines,
            orderedBy: try self.orderedBy.required("ordered_by"),
            reason: try self.reason.required("reason")
        )
    }

    private func logCheckpointed() throws(EventCodingError) -> LogCheckpointed {
        LogCheckpointed(
            size: try self.size.required("size"),
            root: try self.root.required("root"),
            stateDigest: try self.stateDigest.required("state"),
            note: self.note
        )
    }

    private func logKeyChanged() throws(EventCodingError) -> LogKeyChanged {
        LogKeyChanged(key: try self.key.required("key"), earlier: self.earlier)
    }

    private func logDropped() throws(EventCodingError) -> LogDropped {
        LogDropped(
            first: try self.first.required("first"),
            size: try self.size.required("size"),
            root: try self.root.required("root"),
            rule: try self.reason.required("reason"),
            limit: try self.limit.required("limit")
        )
    }
}
