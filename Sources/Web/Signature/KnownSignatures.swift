import LogValues
import Synchronization

/// The last tokens whose signature was found right, so that a backend's next call costs a comparison, not a hash.
///
/// A timestamp counts seconds, and what signs the same value in the same second writes the same token: a handful of
/// entries serves a backend of many processes. Only the signature is remembered; the age is looked at every time.
final class KnownSignatures: Sendable {
    private struct Entry {
        let token: [UInt8]
        let stamp: Int64
    }

    private struct Entries {
        var list: [Entry] = []
        var next = 0
    }

    /// Tokens that are kept, and the longest one that is, in bytes: what this may cost in memory.
    static let capacity = 8
    static let tokenSize = 256

    private let entries = Mutex(Entries())

    /// The time that a token carries; nil if it is not known.
    ///
    /// How much of a token is like one that is known cannot be told from the time this takes.
    func stamp(of token: Bytes) -> Int64? {
        self.entries.withLock { entries in
            var stamp: Int64?
            for entry in entries.list where entry.token.count == token.count {
                var difference: UInt8 = 0
                for index in 0..<token.count { difference |= entry.token[index] ^ token[index] }
                if difference == 0 { stamp = entry.stamp }
            }
            return stamp
        }
    }

    /// Remembers a token that was verified, in place of the oldest.
    func add(_ token: Bytes, stamp: Int64) {
        guard token.count <= Self.tokenSize else { return }
        let entry = Entry(token: Array(token), stamp: stamp)
        self.entries.withLock { entries in
            if entries.list.count < Self.capacity {
                entries.list.append(entry)
            } else {
                entries.list[entries.next] = entry
                entries.next = (entries.next + 1) % Self.capacity
            }
        }
    }
}
