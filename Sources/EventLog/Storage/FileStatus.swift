/// The facts about a file besides its bytes.
package struct FileStatus: Equatable, Sendable {
    /// Tells a file from every other that there is at the same time, whatever its names are.
    package struct Identity: Hashable, Sendable {
        package let device: UInt64
        package let number: UInt64

        package init(device: UInt64, number: UInt64) {
            self.device = device
            self.number = number
        }
    }

    package var identity: Identity
    /// How many names the file has; 0 after the last was taken away.
    package var linkCount: Int = 1
    package var isDirectory = false
    package var owner: UInt32 = 0
    package var group: UInt32 = 0
    /// The mode without the file's type.
    package var permissions: UInt16 = 0o600

    package init(identity: Identity) {
        self.identity = identity
    }
}
