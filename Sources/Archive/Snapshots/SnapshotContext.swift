import DequeModule
import EventLog
import LogValues
import Projections
import RawJSON

/// What a start needs of the lines that a snapshot stands for, besides the state: the times of the last ones.
///
///     {"before":1180,"times":[1795475411123456,0,250000,…]}
///
/// `before`: the last event before the window of ``RecentTimes``, 0 if there is none. `times`: those of the events in the
/// window, which end with the snapshot's last; in microseconds, the first since 1970, each other since the one before it.
extension RecentTimes {
    /// As the context of a snapshot's header.
    var snapshotContext: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("before")
        writer.integer(self.lastBeforeWindow?.rawValue ?? 0)
        writer.key("times")
        writer.beginArray()
        var previous: Int64 = 0
        for (time, _) in self.inside {
            writer.integer(time.microseconds &- previous)
            previous = time.microseconds
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    /// Reads the context of a snapshot; nil if it is not what such a header holds.
    ///
    /// - Parameters:
    ///   - context: From the header.
    ///   - end: The last event that the snapshot stands for.
    ///   - window: In microseconds.
    init?(snapshotContext context: [UInt8], endingAt end: SequenceNumber, window: Int64) {
        guard let (before, times) = try? Self.read(context.span) else { return nil }
        guard before >= 0, UInt64(before) + UInt64(times.count) == end.rawValue else { return nil }
        self.init(window: window, before: before > 0 ? SequenceNumber(UInt64(before)) : nil)
        var time: Int64 = 0
        for (index, step) in times.enumerated() {
            time &+= step
            self.restore(Timestamp(microseconds: time), at: SequenceNumber(UInt64(before) + UInt64(index) + 1))
        }
    }

    /// Both members; keys that are not known are skipped.
    private static func read(_ context: Bytes) throws -> (before: Int64, times: [Int64]) {
        var before: Int64 = -1
        var times: [Int64] = []
        var scanner = JSONScanner(context)
        try scanner.beginObject()
        while let key = try scanner.nextMember() {
            switch key {
            case "before":
                before = try scanner.readInteger()
            case "times":
                try scanner.beginArray()
                while try scanner.nextElement() { times.append(try scanner.readInteger()) }
            default:
                try scanner.skipValue()
            }
        }
        try scanner.finish()
        return (before, times)
    }
}
