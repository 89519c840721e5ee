/// The containers that are open, innermost first: one bit each, no allocation.
struct NestingStack: Sendable {
    /// As many containers as it has bits.
    static let maximumDepth = 256

    /// How many containers are open.
    private(set) var depth = 0
    // The innermost is bit 0 of `near`; a push shifts the whole stack by one.
    private var near: UInt128 = 0
    private var far: UInt128 = 0

    /// Whether the innermost open container is an object; false when nothing is open.
    var isInObject: Bool { self.near & 1 == 1 }

    /// Whether the innermost open container is an array; false when nothing is open.
    var isInArray: Bool { self.near & 1 == 0 && self.depth > 0 }

    mutating func push(isObject: Bool) {
        precondition(self.depth < Self.maximumDepth, "a container is opened only below the limit")
        self.far = self.far << 1 | self.near >> 127
        self.near = self.near << 1 | (isObject ? 1 : 0)
        self.depth += 1
    }

    mutating func pop() {
        precondition(self.depth > 0, "only an open container can be closed")
        self.near = self.near >> 1 | self.far << 127
        self.far >>= 1
        self.depth -= 1
    }
}
