/// A name that clients chose, compared and sorted by its UTF-8 bytes.
///
/// Swift's `String` merges spellings that differ (U+00E9 equals U+0065 U+0301) and sorts by their normal form; the
/// contract compares code point by code point, and sorting UTF-8 bytes is sorting code points.
package protocol Name: Hashable, Comparable, Sendable, CustomStringConvertible {
    var utf8: [UInt8] { get }
    init(utf8: [UInt8])
}

extension Name {
    package init(_ text: String) {
        self.init(utf8: Array(text.utf8))
    }

    package var description: String { String(decoding: self.utf8, as: UTF8.self) }

    /// Hashes the bytes at once: `[UInt8]` by itself goes byte by byte, which costs several times as much.
    package func hash(into hasher: inout Hasher) {
        // The hasher takes pointers alone, and keeps none.
        unsafe self.utf8.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        hasher.combine(self.utf8.count)
    }

    package static func < (left: Self, right: Self) -> Bool {
        // Not lexicographicallyPrecedes, which goes through two iterators: this takes a third of its time.
        let (leftName, rightName) = (left.utf8, right.utf8)
        let (left, right) = (leftName.span, rightName.span)
        for index in 0..<min(left.count, right.count) where left[index] != right[index] {
            return left[index] < right[index]
        }
        return left.count < right.count
    }
}

/// The name of a channel: 1 to 256 Unicode scalars, which the edge has checked.
package struct ChannelName: Name {
    package let utf8: [UInt8]

    package init(utf8: [UInt8]) {
        self.utf8 = utf8
    }
}

/// The name of a user: 1 to 512 Unicode scalars, which the edge has checked.
package struct UserName: Name {
    package let utf8: [UInt8]

    package init(utf8: [UInt8]) {
        self.utf8 = utf8
    }
}
