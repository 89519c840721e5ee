import LogValues
import RawJSON

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Memory of a size that its owner chooses, freed with it; what reads or fills it borrows it.
///
/// An array would fill and copy all of it where this moves what is needed. The only pointer is in here: every range is
/// checked against the size, and every byte has a value from the start.
@safe
struct OwnedBytes: ~Copyable {
    private var memory = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)

    deinit {
        unsafe free(self.memory.baseAddress)
    }

    /// In bytes.
    var count: Int { unsafe self.memory.count }

    /// Bytes of the memory, as they are.
    @_lifetime(borrow self)
    func bytes(_ range: Range<Int>) -> Bytes {
        self.check(range)
        let bytes = unsafe Bytes(
            _unsafeElements: UnsafeBufferPointer(rebasing: self.memory.bindMemory(to: UInt8.self)[range])
        )
        return unsafe _overrideLifetime(bytes, borrowing: self)
    }

    /// Bytes of the memory, to be changed.
    @_lifetime(&self)
    mutating func mutableBytes(_ range: Range<Int>) -> MutableSpan<UInt8> {
        self.check(range)
        let bytes = unsafe MutableSpan(
            _unsafeElements: UnsafeMutableBufferPointer(rebasing: self.memory.bindMemory(to: UInt8.self)[range])
        )
        return unsafe _overrideLifetime(bytes, mutating: &self)
    }

    /// Moves bytes to another place, which they may overlap.
    mutating func move(_ range: Range<Int>, to start: Int) {
        self.check(range)
        self.check(start..<start + range.count)
        guard let base = unsafe self.memory.baseAddress else { return }
        unsafe memmove(base + start, base + range.lowerBound, range.count)
    }

    /// Copies bytes that lie elsewhere over those from `start` on.
    mutating func replace(from start: Int, with bytes: Bytes) {
        self.check(start..<start + bytes.count)
        guard let base = unsafe self.memory.baseAddress else { return }
        unsafe bytes.withUnsafeBytes {
            unsafe (base + start).copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(base), byteCount: $0.count)
        }
    }

    /// Takes a memory of another size, and copies bytes of this one to its start.
    mutating func resize(to count: Int, keeping range: Range<Int> = 0..<0) {
        precondition(count >= range.count, "what is kept has room")
        self.check(range)
        // Zeroed memory costs nothing until it is touched.
        guard let memory = unsafe calloc(max(1, count), 1) else { preconditionFailure("there is memory") }
        if let base = unsafe self.memory.baseAddress {
            unsafe memory.copyMemory(from: base + range.lowerBound, byteCount: range.count)
            unsafe free(base)
        }
        unsafe self.memory = UnsafeMutableRawBufferPointer(start: memory, count: count)
    }

    private func check(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= self.count, "a range lies in the memory")
    }
}
