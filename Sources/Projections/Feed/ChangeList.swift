/// Where the reducer puts what it changed for listeners, if there are any.
///
/// A replay has none: then no change is put together, which is a good part of the cost of the events that bring many.
struct ChangeList {
    private(set) var changes: [Change]
    let isHeard: Bool

    /// A list that listeners hear: changes come behind those that are there.
    init(behind changes: consuming [Change]) {
        self.changes = changes
        self.isHeard = true
    }

    private init() {
        self.changes = []
        self.isHeard = false
    }

    /// A list that nobody hears.
    static var unheard: ChangeList { ChangeList() }

    /// The change is put together only if somebody hears of it.
    @inline(__always)
    mutating func append(_ change: @autoclosure () -> Change) {
        guard self.isHeard else { return }
        self.changes.append(change())
    }
}
