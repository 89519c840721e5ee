/// From the values of `data` to the payload of a type.
extension EventFields {
    /// The payload of a type, of the values that were read.
    ///
    /// - Throws: ``EventCodingError/missing(key:)`` for a key that the type cannot do without.
    func payload(of type: EventType, content: Content?) throws(EventCodingError) -> Event.Payload {
        switch type {
        case .nodeStarted: .nodeStarted(try self.nodeStarted())
        case .nodeStopped: .nodeStopped(NodeStopped(epoch: try Self.require(self.epoch, "epoch")))
        case .userConnected: .userConnected(try self.userConnected(content))
        case .connectionSubscribed: .connectionSubscribed(try self.connectionSubscribed())
        case .connectionUnsubscribed: .connectionUnsubscribed(try self.connectionUnsubscribed())
        case .connectionAttached: .connectionAttached(try self.connectionAttached())
        case .connectionDetached: .connectionDetached(try self.connectionDetached())
        case .connectionClosed: .connectionClosed(try self.connectionClosed())
        case .userStateChanged: .userStateChanged(try self.userStateChanged(content))
        case .userForgotten: .userForgotten(UserForgotten(user: try Self.require(self.user, "user")))
        case .channelConfigured: .channelConfigured(try self.channelConfigured())
        case .channelForgotten:
            .channelForgotten(ChannelForgotten(channel: try Self.require(self.channel, "channel")))
        case .messagePosted: .messagePosted(try self.messagePosted(content))
        case .messageEdited: .messageEdited(try self.messageEdited(content))
        case .messageDeleted: .messageDeleted(try self.messageDeleted())
        case .contentErased: .contentErased(try self.contentErased())
        case .logCheckpointed: .logCheckpointed(try self.logCheckpointed())
        }
    }

    private static func require<Value>(_ value: Value?, _ key: StaticString) throws(EventCodingError) -> Value {
        guard let value else { throw .missing(key: "\(key)") }
        return value
    }
}

// MARK: - Messages

extension EventFields {
    private var addressing: Addressing {
        Addressing(channel: self.channel, only: self.only, except: self.except)
    }

    private func messagePosted(_ content: Content?) throws(EventCodingError) -> MessagePosted {
        MessagePosted(
            uuid: try Self.require(self.uuid, "uuid"),
            user: try Self.require(self.user, "user"),
            addressing: self.addressing,
            keepsOutOfHistory: self.keepsOutOfHistory,
            timestamp: self.timestamp,
            content: content
        )
    }

    private func messageEdited(_ content: Content?) throws(EventCodingError) -> MessageEdited {
        MessageEdited(
            uuid: try Self.require(self.uuid, "uuid"),
            addressing: self.addressing,
            keepsOutOfHistory: self.keepsOutOfHistory,
            user: self.user,
            timestamp: self.timestamp,
            edited: self.edited,
            content: content,
            keepsMessage: self.keepsMessage || content == nil
        )
    }

    private func messageDeleted() throws(EventCodingError) -> MessageDeleted {
        MessageDeleted(
            uuid: try Self.require(self.uuid, "uuid"),
            addressing: self.addressing,
            keepsOutOfHistory: self.keepsOutOfHistory
        )
    }
}

// MARK: - Connections

extension EventFields {
    private func userConnected(_ content: Content?) throws(EventCodingError) -> UserConnected {
        UserConnected(
            seed: try Self.require(self.seed, "seed"),
            connection: try Self.require(self.connection, "conn_id"),
            user: try Self.require(self.user, "user"),
            channels: self.channelSeeds,
            publicKeys: self.publicKeys ?? [],
            content: content
        )
    }

    private func connectionSubscribed() throws(EventCodingError) -> ConnectionSubscribed {
        ConnectionSubscribed(
            seed: try Self.require(self.seed, "seed"),
            connection: try Self.require(self.connection, "conn_id"),
            channels: self.channelSeeds
        )
    }

    private func connectionUnsubscribed() throws(EventCodingError) -> ConnectionUnsubscribed {
        ConnectionUnsubscribed(
            seed: try Self.require(self.seed, "seed"),
            connection: try Self.require(self.connection, "conn_id"),
            channels: self.channelNames
        )
    }

    private func connectionAttached() throws(EventCodingError) -> ConnectionAttached {
        ConnectionAttached(
            connection: try Self.require(self.connection, "conn_id"),
            transport: try Self.require(self.transport, "transport")
        )
    }

    private func connectionDetached() throws(EventCodingError) -> ConnectionDetached {
        ConnectionDetached(
            connection: try Self.require(self.connection, "conn_id"),
            position: try Self.require(self.position, "position")
        )
    }

    private func connectionClosed() throws(EventCodingError) -> ConnectionClosed {
        ConnectionClosed(
            seed: try Self.require(self.seed, "seed"),
            connection: try Self.require(self.connection, "conn_id"),
            reason: try Self.require(self.closeReason, "reason")
        )
    }
}

// MARK: - Users, channels, the log itself

extension EventFields {
    private func userStateChanged(_ content: Content?) throws(EventCodingError) -> UserStateChanged {
        UserStateChanged(
            seed: try Self.require(self.seed, "seed"),
            user: try Self.require(self.user, "user"),
            publicKeys: self.publicKeys,
            content: content
        )
    }

    private func channelConfigured() throws(EventCodingError) -> ChannelConfigured {
        ChannelConfigured(
            seed: try Self.require(self.seed, "seed"),
            channel: try Self.require(self.channel, "channel"),
            settings: self.settings
        )
    }

    private func nodeStarted() throws(EventCodingError) -> NodeStarted {
        NodeStarted(
            epoch: try Self.require(self.epoch, "epoch"),
            version: try Self.require(self.version, "version"),
            afterCrash: self.isAfterCrash
        )
    }

    private func contentErased() throws(EventCodingError) -> ContentErased {
        ContentErased(
            lines: self.lines,
            orderedBy: try Self.require(self.orderedBy, "ordered_by"),
            reason: try Self.require(self.reason, "reason")
        )
    }

    private func logCheckpointed() throws(EventCodingError) -> LogCheckpointed {
        LogCheckpointed(
            size: try Self.require(self.size, "size"),
            root: try Self.require(self.root, "root"),
            stateDigest: try Self.require(self.stateDigest, "state"),
            note: self.note
        )
    }
}
