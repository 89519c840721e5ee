/// Spreads the sockets of a shard over the slots of one turn, so that heartbeats need no timer a socket.
struct HeartbeatWheel {
    struct Place {
        let slot: Int32
        var index: Int32
    }

    /// Ticks in a turn.
    static let slotCount = 20

    private var slots = [[Listener]](repeating: [], count: Self.slotCount)
    /// The slot whose turn was last: who joins it has its first heartbeat a whole turn later.
    private var current = 0

    mutating func add(_ listener: Listener) {
        listener.wheelPlace = Place(
            slot: Int32(self.current),
            index: Int32(truncatingIfNeeded: self.slots[self.current].count)
        )
        self.slots[self.current].append(listener)
    }

    mutating func remove(_ listener: Listener) {
        let place = listener.wheelPlace
        let (slot, index) = (Int(place.slot), Int(place.index))
        assert(self.slots[slot][index] === listener, "a socket stands where it thinks it stands")
        let last = self.slots[slot].removeLast()
        guard last !== listener else { return }
        self.slots[slot][index] = last
        last.wheelPlace.index = place.index
    }

    /// - Returns: Those whose turn it is.
    mutating func tick() -> [Listener] {
        self.current = (self.current + 1) % Self.slotCount
        return self.slots[self.current]
    }
}
