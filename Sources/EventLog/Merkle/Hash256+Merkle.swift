package import LogValues
package import RawJSON

/// The hashes of RFC 6962, section 2.1; the first byte keeps a node from being taken for a leaf.
extension Hash256 {
    /// SHA-256(00 || data).
    ///
    /// For event lines `data` is the redacted form without the newline.
    package static func leaf(_ data: UnsafeRawBufferPointer) -> Hash256 {
        Swift.withUnsafeBytes(of: UInt8(0)) { Hash256(hashing: $0, data) }
    }

    /// SHA-256(00 || data).
    ///
    /// For event lines `data` is the redacted form without the newline.
    package static func leaf(_ data: Bytes) -> Hash256 { data.withUnsafeBytes { self.leaf($0) } }

    /// SHA-256(01 || left || right).
    package static func node(_ left: Hash256, _ right: Hash256) -> Hash256 {
        withUnsafeTemporaryAllocation(byteCount: 1 + 2 * self.byteCount, alignment: 1) { buffer in
            buffer[0] = 1
            left.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[1..<33]).copyMemory(from: $0) }
            right.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[33..<65]).copyMemory(from: $0) }
            return Hash256(hashing: UnsafeRawBufferPointer(buffer))
        }
    }
}
