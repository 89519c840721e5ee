import EventLog
import LogValues
import Projections
import RawJSON
import SystemPackage

/// A message's lines: its post, edits, deletion, and what erased their content.
enum MessageTrail {
    struct Line {
        let number: SequenceNumber
        let kind: MessageEventSelector.Kind
    }

    /// Reads the log from its beginning; a log that is damaged further on is read up to there.
    ///
    /// - Throws: ``EventLogError`` at damage, ``ToolFailure`` at a line that was not written so.
    static func lines(of uuid: UUID128, in directory: FilePath) throws -> [Line] {
        var found: [Line] = []
        _ = try LogScan(directory: directory).forEachSoundLine { line in
            guard let kind = self.kind(of: line, uuid, found) else { return }
            found.append(Line(number: line.sequenceNumber, kind: kind))
        }
        return found
    }

    /// What a line is to the message; nil if it is not about it.
    static func kind(of line: LogLine, _ uuid: UUID128, _ before: [Line]) -> MessageEventSelector.Kind? {
        guard let fields = LineFields(line.bytes) else { return nil }
        if fields.type.begins(with: "message.") {
            guard fields.data.uuidValue == uuid else { return nil }
            if fields.type.equals("message.posted") { return .post }
            if fields.type.equals("message.edited") { return .edit }
            return fields.type.equals("message.deleted") ? .delete : nil
        }
        guard !before.isEmpty, fields.type.equals("content.erased") else { return nil }
        let erased = Set(fields.data.lines)
        return before.contains { erased.contains($0.number.rawValue) } ? .erase : nil
    }
}
