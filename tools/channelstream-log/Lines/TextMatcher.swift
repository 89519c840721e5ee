import LogValues
import RawJSON

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
    mutating func matches(_ line: Bytes) throws -> Bool {
        if try self.isIn(line) { return true }
        guard line.firstIndex(of: UInt8(ascii: "\\")) != nil else { return false }
        self.unescape(line)
        return try self.isIn(self.unescaped.span)
    }

    private func isIn(_ text: Bytes) throws -> Bool {
        switch self.pattern {
        case .bytes(let needle):
            return text.contains(needle.span)
        case .text(let needle):
            return String(decoding: text, as: UTF8.self).lowercased().contains(needle)
        case .regex(let regex):
            return try regex.firstMatch(in: String(decoding: text, as: UTF8.self)) != nil
        }
    }

    /// The line with the escapes of all its strings resolved; no longer JSON.
    private mutating func unescape(_ line: Bytes) {
        self.unescaped.removeAll(keepingCapacity: true)
        var at = 0
        while at < line.count {
            self.unescaped.append(line[at])
            at += 1
            guard line[at - 1] == UInt8(ascii: "\"") else { continue }
            var scanner = JSONScanner(line.extracting((at - 1)...))
            guard let string = try? scanner.readString() else { continue }
            self.unescaped.append(contentsOf: string.decodedUTF8())
            self.unescaped.append(UInt8(ascii: "\""))
            at += scanner.offset - 1
        }
    }
}
