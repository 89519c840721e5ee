package import LogValues
package import OrderedCollections
package import RawJSON

/// A user: state, connections, and private frames for catch-up.
package struct UserState: Sendable {
    package let name: UserName
    package let uuid: UUID128
    /// Scalars as they were given, in the order in which their keys appeared.
    package private(set) var values: OrderedDictionary<[UInt8], RawJSON> = [:]
    /// The event that set it, for each value, in order: what an erasure of that event takes away.
    private(set) var valueOrigins: [SequenceNumber] = []
    /// The keys as given, in order; they need not have values.
    package private(set) var publicKeys: [[UInt8]] = []
    /// The values that others may see, ready to be sent.
    private(set) var publicState = PublicState.empty
    /// Sorted.
    package internal(set) var connections: [ConnectionID] = []
    /// How many of the connections are subscribed to each channel.
    var subscriptions = SubscriptionCounts()
    /// Kept while there are connections: one that is opened later starts after them.
    var privateFrames = FrameQueue()
    /// The last event about the user: connecting, subscribing, leaving, a change of state.
    package internal(set) var lastActive: Timestamp
    /// Stands for the values in the state digest: all contents that were merged into them, by commitment.
    ///
    /// Not the values themselves: after an erasure a replay does not know which ones the erased event had set.
    var stateChain: Hash256? {
        get { self.boxedStateChain?.value }
        set { self.boxedStateChain = newValue.map { Boxed($0) } }
    }
    /// On the heap: most users have no state.
    private var boxedStateChain: Boxed<Hash256>?
    /// The number of the digest after which it, or one of its connections, was changed first; 0 if it is as that digest, or a later one, saw it.
    var changedAfter: UInt64 = 0

    init(name: UserName, uuid: UUID128, time: Timestamp) {
        self.name = name
        self.uuid = uuid
        self.lastActive = time
    }

    /// The whole state, an object.
    package var stateJSON: RawJSON {
        guard !self.values.isEmpty else { return .emptyObject }
        var writer = JSONWriter()
        writer.beginObject()
        for (key, value) in self.values {
            writer.key(utf8: key)
            writer.value(value)
        }
        writer.endObject()
        return RawJSON(trusted: writer.bytes)
    }

    /// The values of public keys, an object.
    package var publicStateJSON: RawJSON { self.publicState.json }
}

/// The public part of a state, ready to be sent, with what an erasure needs.
struct PublicState: Sendable {
    /// An object.
    let json: RawJSON
    /// The event that set it, for each member, in order.
    let origins: [SequenceNumber]

    static let empty = PublicState(json: .emptyObject, origins: [])
}

extension UserState {
    /// Replaces the public keys.
    mutating func setPublicKeys(_ keys: [[UInt8]]) {
        guard keys != self.publicKeys else { return }
        self.publicKeys = keys
        self.renewPublicState()
    }

    /// Merges an object of values over the state.
    ///
    /// Setting an unknown key to null leaves the state as it is, setting a known one stores null. Values are compared
    /// as they are written.
    ///
    /// - Parameters:
    ///   - given: Keys and values.
    ///   - position: The event that gives them.
    /// - Returns: The keys whose values differ from before, each once, in the order given.
    mutating func merge(_ given: OrderedDictionary<[UInt8], RawJSON>, from position: SequenceNumber) -> [[UInt8]] {
        var changed: [[UInt8]] = []
        for (key, value) in given {
            if let index = self.values.index(forKey: key) {
                guard self.values.values[index] != value else { continue }
                self.values.values[index] = value
                self.valueOrigins[index] = position
            } else {
                guard value.kind != .null else { continue }
                self.values[key] = value
                self.valueOrigins.append(position)
            }
            changed.append(key)
        }
        if !changed.isEmpty {
            self.renewPublicState()
        }
        return changed
    }

    /// Drops the values that these events set.
    mutating func eraseValues(from positions: Set<SequenceNumber>) {
        guard self.valueOrigins.contains(where: positions.contains) else { return }
        for index in self.valueOrigins.indices.reversed() where positions.contains(self.valueOrigins[index]) {
            self.values.remove(at: index)
            self.valueOrigins.remove(at: index)
        }
        self.renewPublicState()
    }

    /// Puts back what a snapshot kept.
    mutating func restore(
        values: OrderedDictionary<[UInt8], RawJSON>,
        origins: [SequenceNumber],
        publicKeys: [[UInt8]]
    ) {
        precondition(values.count == origins.count, "every value has an origin")
        self.values = values
        self.valueOrigins = origins
        self.publicKeys = publicKeys
        self.renewPublicState()
    }

    private mutating func renewPublicState() {
        let isPublic = Set(self.publicKeys)
        var writer = JSONWriter()
        var origins: [SequenceNumber] = []
        writer.beginObject()
        for (index, element) in self.values.elements.enumerated() where isPublic.contains(element.key) {
            writer.key(utf8: element.key)
            writer.value(element.value)
            origins.append(self.valueOrigins[index])
        }
        writer.endObject()
        self.publicState =
            origins.isEmpty ? .empty : PublicState(json: RawJSON(trusted: writer.bytes), origins: origins)
    }
}
