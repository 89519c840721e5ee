/// Writes the parts of a text one behind the other into memory that was reserved for all of them.
///
/// Where optimised nothing is checked on the way: whoever reserves says how much will be put at most. Inlinable, so
/// that other targets write their texts the same way.
@usableFromInline
package struct ByteCursor {
    @usableFromInline let buffer: UnsafeMutableRawBufferPointer
    /// Bytes that were put.
    @usableFromInline package var count = 0

    @inlinable
    package init(_ buffer: UnsafeMutableRawBufferPointer) {
        self.buffer = buffer
    }

    @inlinable
    @inline(__always)
    package mutating func put(_ byte: UInt8) {
        self.buffer.storeBytes(of: byte, toByteOffset: self.count, as: UInt8.self)
        self.count += 1
    }

    @inlinable
    @inline(__always)
    package mutating func put(_ bytes: Bytes) {
        self.put(size: bytes.count) { target in unsafe bytes.withUnsafeBytes { unsafe target.copyMemory(from: $0) } }
    }

    @inlinable
    @inline(__always)
    package mutating func put(_ text: StaticString) {
        self.put(text.bytes)
    }

    /// Lets `write` fill the next `size` bytes.
    @inlinable
    @inline(__always)
    package mutating func put(size: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void) {
        let end = self.count + size
        write(UnsafeMutableRawBufferPointer(rebasing: self.buffer[self.count..<end]))
        self.count = end
    }

    /// A number in decimal digits.
    @inlinable
    package mutating func put(decimal number: UInt64) {
        var size = 1
        var rest = number / 10
        while rest > 0 {
            size += 1
            rest /= 10
        }
        self.put(size: size) { digits in
            var rest = number
            for index in stride(from: size - 1, through: 0, by: -1) {
                digits[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
        }
    }
}

extension [UInt8] {
    /// Appends what `write` puts, at most `size` bytes.
    ///
    /// Whether the array is shared and has room is looked at once, not once a part, which took half the instructions of
    /// writing an answer.
    @inlinable
    @inline(__always)
    package mutating func append(upTo size: Int, _ write: (inout ByteCursor) -> Void) {
        self.append(addingCapacity: size) { span in
            span.withUnsafeMutableBufferPointer { buffer, count in
                var cursor = ByteCursor(UnsafeMutableRawBufferPointer(buffer))
                write(&cursor)
                count = cursor.count
            }
        }
    }
}
