// A text is written part by part into memory that was reserved for all of it: whoever reserves says how much will be put at
// most, and that it fits is looked at once a part. Inlinable, so that every target writes its texts the same way.
extension OutputSpan<UInt8> {
    @inlinable
    @inline(__always)
    package mutating func append(_ bytes: Bytes) {
        let size = bytes.count
        precondition(size <= self.freeCapacity, "a text has the size that was reserved for it")
        // There is room, and what is written belongs to nobody else.
        unsafe self.withUnsafeMutableBufferPointer { buffer, count in
            unsafe bytes.withUnsafeBytes { bytes in
                guard let from = bytes.baseAddress, let target = buffer.baseAddress else { return }
                unsafe UnsafeMutableRawPointer(target + count).copyMemory(from: from, byteCount: size)
            }
            count += size
        }
    }

    @inlinable
    @inline(__always)
    package mutating func append(_ text: StaticString) {
        self.append(text.bytes)
    }

    /// The bytes of a number, the most significant first.
    @inlinable
    @inline(__always)
    package mutating func append(bigEndian number: some FixedWidthInteger & BitwiseCopyable) {
        let size = MemoryLayout.size(ofValue: number)
        precondition(size <= self.freeCapacity, "a text has the size that was reserved for it")
        // There is room, and what is written belongs to nobody else.
        unsafe self.withUnsafeMutableBufferPointer { buffer, count in
            unsafe UnsafeMutableRawBufferPointer(buffer).storeBytes(
                of: number.bigEndian,
                toByteOffset: count,
                as: type(of: number)
            )
            count += size
        }
    }

    /// A number in decimal digits, 20 at most.
    @inlinable
    package mutating func append(decimal number: UInt64) {
        var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "0"))
        var start = 20
        var rest = number
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        self.append(digits.span.extracting(start...))
    }
}

extension [UInt8] {
    /// Appends what `write` puts, at most `size` bytes.
    ///
    /// Whether the array is shared and has room is looked at once, not once a part, which took half the instructions of
    /// writing an answer.
    @inlinable
    @inline(__always)
    package mutating func append(upTo size: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        // The library would write the count of the one empty array that all share, which the thread sanitizer reports.
        guard size > 0 else { return }
        self.append(addingCapacity: size) { output in write(&output) }
    }
}
