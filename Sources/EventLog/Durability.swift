/// When a line counts as committed: what must have happened to it before its commit is reported.
package enum Durability: Hashable, Sendable {
    /// After the `fdatasync` of the commit that holds it: survives a power failure.
    case always
    /// After the write; synced at least this often while there is something to sync: survives a killed process.
    case interval(Duration)
    /// After the write; synced by the operating system when it likes, and by us only at a clean stop.
    case os
}
