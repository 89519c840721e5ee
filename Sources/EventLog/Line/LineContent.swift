package import LogValues
import RawJSON

/// The words that people wrote, as they go into a line: together with the hash that stands for them once they are erased.
package struct LineContent: Sendable {
    package let salt: Salt
    /// One JSON value on one line.
    package let bytes: [UInt8]
    /// SHA-256(16 salt bytes || `bytes`), computed once by whoever made the event.
    package let commit: Hash256

    package init(salt: Salt, bytes: [UInt8], commit: Hash256) {
        self.salt = salt
        self.bytes = bytes
        self.commit = commit
    }

    /// Computes the commitment as well; for callers that do not have it yet.
    package init(salt: Salt, bytes: [UInt8]) {
        self.init(salt: salt, bytes: bytes, commit: salt.commitment(to: bytes.span))
    }
}
