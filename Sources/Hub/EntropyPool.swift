package import LogValues
import Projections

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Randomness for ids and salts, drawn from the system 4 KiB at a time.
///
/// `SystemRandomNumberGenerator` costs a system call for every eight bytes; a message needs 32.
package struct EntropyPool: Sendable {
    private let refill: @Sendable () -> [UInt64]
    private var words: [UInt64] = []

    /// - Parameter refill: Gives fresh random words, at least one; tests hand in a seeded source.
    package init(refill: @escaping @Sendable () -> [UInt64]) {
        self.refill = refill
    }

    package static var system: EntropyPool {
        EntropyPool {
            var words = [UInt64](repeating: 0, count: 512)
            guard unsafe words.withUnsafeMutableBytes({ unsafe Self.fill($0) }) else {
                var generator = SystemRandomNumberGenerator()
                return words.map { _ in generator.next() }
            }
            return words
        }
    }

    /// The system fills what it is lent, of the size that it is told, and keeps no pointer.
    private static func fill(_ bytes: UnsafeMutableRawBufferPointer) -> Bool {
        #if canImport(Darwin)
            unsafe arc4random_buf(bytes.baseAddress, bytes.count)
            return true
        #else
            // 256 bytes are what the call gives at a time.
            return stride(from: 0, to: bytes.count, by: 256).allSatisfy { start in
                let part = unsafe bytes[start..<min(start + 256, bytes.count)]
                return unsafe getentropy(UnsafeMutableRawBufferPointer(rebasing: part).baseAddress, part.count) == 0
            }
        #endif
    }

    package mutating func next() -> UInt64 {
        if let word = self.words.popLast() { return word }
        self.words = self.refill()
        return self.words.popLast() ?? 0
    }

    package mutating func uuid() -> UUID128 {
        UUID128(random: self.next(), self.next())
    }

    package mutating func salt() -> Salt {
        Salt(high: self.next(), low: self.next())
    }
}
