import OrderedCollections
import RawJSON

@testable import Projections

extension HubState {
    /// Walks over the whole state.
    ///
    /// - Returns: What does not hold together; empty for a sound state.
    func checkInvariants() -> [String] {
        var broken = self.brokenConnections() + self.brokenUsers() + self.brokenChannels()
        // A change that was not noted is one that the next digest does not see.
        var remembering = self
        var forgetful = self
        forgetful.digestMemory.digester = nil
        if remembering.digest() != forgetful.digest() { broken.append("a change was not noted") }
        return broken
    }

    private func brokenConnections() -> [String] {
        self.connectionsByID.flatMap { id, connection in
            var broken: [String] = []
            if connection.id != id { broken.append("connection \(id) stands under another's id") }
            if self.usersByName[connection.user]?.value.connections.contains(id) != true {
                broken.append("connection \(id) is not its user's")
            }
            if (connection.transport == nil) != (connection.node == nil) {
                broken.append("connection \(id) has a listener without a node, or the reverse")
            }
            if connection.channels != Set(connection.channels).sorted() {
                broken.append("the channels of \(id) are not sorted, or not each once")
            }
            if connection.position > self.position { broken.append("connection \(id) has seen what is to come") }
            for name in connection.channels where self.channelsByName[name] == nil {
                broken.append("connection \(id) is in \(name), which is not there")
            }
            return broken
        }
    }

    private func brokenUsers() -> [String] {
        self.usersByName.flatMap { name, boxed in
            let user = boxed.value
            var broken: [String] = []
            if user.connections != Set(user.connections).sorted() {
                broken.append("the connections of \(name) are not sorted, or not each once")
            }
            let connections = user.connections.compactMap { self.connectionsByID[$0] }
            if connections.count != user.connections.count || connections.contains(where: { $0.user != name }) {
                broken.append("\(name) has connections that are not there, or another's")
            }
            let counts = Dictionary(connections.flatMap(\.channels).map { ($0, 1) }, uniquingKeysWith: +)
            if Set(user.subscriptions.channels) != Set(counts.keys)
                || counts.contains(where: { user.subscriptions[$0.key] != $0.value })
            {
                broken.append("the subscriptions of \(name) are miscounted")
            }
            if user.values.count != user.valueOrigins.count { broken.append("a value of \(name) has no origin") }
            if user.connections.isEmpty, !user.privateFrames.isEmpty {
                broken.append("frames are kept for \(name), who is not there")
            }
            return broken
        }
    }

    private func brokenChannels() -> [String] {
        self.channelsByName.flatMap { name, boxed in
            let channel = boxed.value
            let inside = self.connectionsByID.values.filter { $0.channels.contains(name) }
            var broken: [String] = []
            if channel.connectionCount != inside.count { broken.append("the connections of \(name) are miscounted") }
            if channel.userNames != Set(inside.map(\.user)).sorted() {
                broken.append("the users of \(name) are not those of its connections")
            }
            let positions = channel.frames.map(\.frame.position)
            if positions != positions.sorted() { broken.append("the frames of \(name) are not in order") }
            return broken
        }
    }
}
