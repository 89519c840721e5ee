import RawJSON

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Looks for a text in lines, as it stands there and with JSON's escapes resolved.
struct TextMatcher {
    private enum Pattern {
        case bytes([UInt8])
        case text(String)
        case regex(Regex<AnyRegexOutput>)
    }

    private let pattern: Pattern
    private let ignoresCase: Bool
    private var unescaped: [UInt8] = []

    /// - Throws: ``ToolFailure`` for a regular expression that is none.
    init(_ pattern: String, isRegex: Bool, ignoresCase: Bool) throws {
        self.ignoresCase = ignoresCase
        if isRegex {
            do {
                self.pattern = .regex(try Regex(pattern).ignoresCase(ignoresCase))
            } catch {
                throw ToolFailure(.usage, "\(pattern): not a regular expression: \(error)")
            }
        } else {
            self.pattern = ignoresCase ? .text(pattern.lowercased()) : .bytes(Array(pattern.utf8))
        }
    }

    /// Whether the text is in a line.
    ///
    /// - Throws: What matching a regular expression throws.
    mutating func matches(_ line: UnsafeRawBufferPointer) throws -> Bool {
        if try self.isIn(line) { return true }
        guard line.contains(UInt8(ascii: "\\")) else { return false }
        self.unescape(line)
        return try self.unescaped.withUnsafeBytes { try self.isIn($0) }
    }

    private func isIn(_ text: UnsafeRawBufferPointer) throws -> Bool {
        switch self.pattern {
        case .bytes(let needle):
            return needle.withUnsafeBytes { Self.isIn(text, $0) }
        case .text(let needle):
            return String(decoding: text, as: UTF8.self).lowercased().contains(needle)
        case .regex(let regex):
            return try regex.firstMatch(in: String(decoding: text, as: UTF8.self)) != nil
        }
    }

    /// `memmem`, which not every C library shows to Swift.
    private static func isIn(_ text: UnsafeRawBufferPointer, _ needle: UnsafeRawBufferPointer) -> Bool {
        guard let base = text.baseAddress, let needleBase = needle.baseAddress, let first = needle.first else {
            return false
        }
        var at = 0
        while text.count - at >= needle.count {
            guard let found = memchr(base + at, Int32(first), text.count - at - needle.count + 1) else { return false }
            at = UnsafeRawPointer(found) - base
            if memcmp(base + at, needleBase, needle.count) == 0 { return true }
            at += 1
        }
        return false
    }

    /// The line with the escapes of all its strings resolved; no longer JSON.
    private mutating func unescape(_ line: UnsafeRawBufferPointer) {
        self.unescaped.removeAll(keepingCapacity: true)
        var at = 0
        while at < line.count {
            self.unescaped.append(line[at])
            at += 1
            guard line[at - 1] == UInt8(ascii: "\"") else { continue }
            var scanner = JSONScanner(UnsafeRawBufferPointer(rebasing: line[(at - 1)...]))
            guard let string = try? scanner.readString() else { continue }
            self.unescaped.append(contentsOf: string.decodedUTF8())
            self.unescaped.append(UInt8(ascii: "\""))
            at += scanner.offset - 1
        }
    }
}
