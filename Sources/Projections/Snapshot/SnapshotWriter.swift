import DequeModule
package import LogValues
import RawJSON

/// Writes a state as NDJSON lines (`docs/log-format.md`, "Snapshots").
///
/// A first line for the whole; channels by name, each followed by the frames kept for it, oldest first; users by name,
/// each followed by its private frames; connections by identity; a last line with the state digest. What follows from
/// the connections (who is in a channel) is left out. Erased contents are written as the commitment that is left of
/// them.
extension HubState {
    /// Hands over the lines of this state, in order, each without a newline.
    ///
    /// The state only changes in that it remembers its digest.
    package mutating func writeSnapshot<Failure: Error>(
        to output: (Bytes) throws(Failure) -> Void
    ) throws(Failure) {
        let digest = self.digest()
        var line = SnapshotLine()
        try line.write(to: output) { self.writeSnapshotHead(&$0) }
        for name in self.channelsByName.keys.sorted() {
            guard let channel = self.channelsByName[name]?.value else { continue }
            try line.write(to: output) { channel.writeSnapshot(&$0) }
            for kept in channel.keptFrames {
                try line.write(to: output) { kept.writeSnapshot(&$0) }
            }
        }
        for name in self.usersByName.keys.sorted() {
            guard let user = self.usersByName[name]?.value else { continue }
            try line.write(to: output) { user.writeSnapshot(&$0) }
            for stored in user.privateFrames {
                try line.write(to: output) { KeptFrame(stored).writeSnapshot(&$0) }
            }
        }
        for id in self.connectionsByID.keys.sorted() {
            guard let connection = self.connectionsByID[id] else { continue }
            try line.write(to: output) { connection.writeSnapshot(&$0) }
        }
        try line.write(to: output) { writer in
            writer.beginObject()
            writer.key("digest")
            writer.hash(digest)
            writer.endObject()
        }
    }

    private func writeSnapshotHead(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("snapshot")
        writer.integer(SnapshotReader.version)
        writer.key("position")
        writer.integer(self.position.rawValue)
        writer.key("total_unique_messages")
        writer.integer(self.statistics.totalUniqueMessages)
        writer.key("total_messages")
        writer.integer(self.statistics.totalMessages)
        writer.key("unknown_events")
        writer.integer(self.statistics.unknownEvents)
        writer.key("nodes")
        writer.beginObject()
        for (name, node) in self.nodes.sorted(by: { $0.key < $1.key }) {
            writer.key(utf8: name.utf8)
            writer.beginObject()
            writer.key("epoch")
            writer.integer(node.epoch)
            writer.key("running")
            writer.bool(node.isRunning)
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
    }
}

/// One buffer for all lines.
private struct SnapshotLine {
    private var buffer: [UInt8] = []

    mutating func write<Failure: Error>(
        to output: (Bytes) throws(Failure) -> Void,
        _ body: (inout JSONWriter) -> Void
    ) throws(Failure) {
        var writer = JSONWriter(capacity: 0)
        self.buffer.removeAll(keepingCapacity: true)
        swap(&writer.bytes, &self.buffer)
        body(&writer)
        swap(&writer.bytes, &self.buffer)
        try output(self.buffer.span)
    }
}

// MARK: - Channels, users, connections

extension ChannelState {
    fileprivate func writeSnapshot(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("channel")
        writer.string(utf8: self.name.utf8)
        writer.key("uuid")
        writer.uuid(self.uuid)
        writer.key("last_active")
        writer.timestamp(self.lastActive)
        writer.key("settings")
        writer.settings(self.settings)
        writer.endObject()
    }

    /// History, frames and state changes as one list by position; what is in both history and frames comes once.
    fileprivate var keptFrames: [KeptFrame] {
        var kept: [KeptFrame] = self.storedHistory.map { KeptFrame($0, isInHistory: true, isInFrames: false) }
        var next = 0
        for stored in self.frames {
            while next < kept.count, kept[next].frame.position < stored.frame.position {
                next += 1
            }
            if next < kept.count, kept[next].frame == stored.frame {
                kept[next].isInFrames = true
            } else {
                kept.insert(KeptFrame(stored), at: next)
            }
        }
        return kept + self.stateChanges.map { KeptFrame(StoredFrame($0)) }
    }
}

extension UserState {
    fileprivate func writeSnapshot(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("user")
        writer.string(utf8: self.name.utf8)
        writer.key("uuid")
        writer.uuid(self.uuid)
        writer.key("last_active")
        writer.timestamp(self.lastActive)
        writer.key("public_keys")
        writer.strings(self.publicKeys)
        writer.key("state")
        writer.value(self.stateJSON)
        writer.key("origins")
        writer.positions(self.valueOrigins)
        if let chain = self.stateChain {
            writer.key("chain")
            writer.hash(chain)
        }
        writer.endObject()
    }
}

extension ConnectionState {
    fileprivate func writeSnapshot(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("conn_id")
        writer.uuid(self.id)
        writer.key("user")
        writer.string(utf8: self.user.utf8)
        writer.key("channels")
        writer.strings(self.channels.map(\.utf8))
        writer.key("position")
        writer.integer(self.position.rawValue)
        if let transport = self.transport, let node = self.node {
            writer.key("transport")
            writer.string(transport.rawValue)
            writer.key("node")
            writer.string(utf8: node.utf8)
        }
        writer.key("last_active")
        writer.timestamp(self.lastActive)
        writer.endObject()
    }
}
