import Hub
import LogValues
import RawJSON
import Web

/// The body of a `POST /message` in bulk: NDJSON, one message a line, as in the list.
///
/// It is as long as a body may be; the limit on the length of a list is for answers that list what they accepted.
enum BulkBody {
    /// Whether a `Content-Type` is `application/x-ndjson`, whatever its parameters.
    static func isMediaType(_ value: Bytes) -> Bool {
        let end = value.indices.first { [UInt8(ascii: ";"), 0x20, 0x09].contains(value[$0]) } ?? value.count
        return value.extracting(..<end).isToken("application/x-ndjson")
    }

    /// Reads all lines; empty ones, and blanks around a message, mean nothing.
    ///
    /// - Parameters:
    ///   - bytes: They may be any, and any number.
    ///   - maximumDepth: Levels of objects and lists in a line.
    /// - Returns: The messages in their order.
    /// - Throws: ``BodyError/malformedLine(_:_:)`` for the first line that is no JSON; otherwise all that is wrong with
    ///   the messages, each under its place among them, from 0, as in the list.
    static func read(
        _ bytes: Bytes,
        maximumDepth: Int
    ) throws(BodyError) -> [Command.PostMessage] {
        var messages: [Command.PostMessage] = []
        // A message is seldom shorter; the rest grows.
        messages.reserveCapacity(bytes.count / 128)
        var errors = ValidationErrors()
        var count = 0
        var number = 0
        var start = 0
        while start < bytes.count {
            number += 1
            let end = bytes.firstIndex(of: UInt8(ascii: "\n"), from: start) ?? bytes.count
            let line = bytes.extracting(start..<end)
            start = end + 1
            guard !Self.isBlank(line) else { continue }
            do throws(BodyError) {
                messages.append(
                    try RequestBody.decode(line, maximumDepth: maximumDepth) { (scanner) throws(RawJSONError) in
                        try MessageBody.read(from: &scanner)
                    }
                )
            } catch {
                switch error {
                case .malformed(let cause): throw .malformedLine(number, cause)
                case .malformedLine: throw error
                case .invalid(let failure): errors.add(.fields(failure.errors), at: count)
                }
            }
            count += 1
        }
        guard errors.isEmpty else { throw .invalid(ValidationFailure(errors: errors)) }
        return messages
    }

    private static func isBlank(_ line: Bytes) -> Bool {
        line.indices.allSatisfy { line[$0] == 0x20 || line[$0] == 0x09 || line[$0] == 0x0D }
    }
}
