import RawJSON

/// Statistics as they are shown.
struct StatisticsReport {
    let statistics: LogStatistics
    /// Most rows of a list.
    let limit: Int
    /// Bytes of all segments; nil if only a part of the log was counted.
    let fileSizeBytes: UInt64?

    private var hours: [CountTable.Entry] {
        self.statistics.hours.entries.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    // MARK: For people

    var text: [UInt8] {
        let statistics = self.statistics
        var table = TextTable([TextTable.Column("LOG"), TextTable.Column("", .right)])
        table.append(["events", "\(statistics.lineCount)"])
        if let first = statistics.firstLine, let last = statistics.lastLine {
            table.append(["lines", "\(first)–\(last)"])
        }
        if let earliest = statistics.earliest, let latest = statistics.latest {
            table.append([Array("from".utf8), earliest])
            table.append([Array("to".utf8), latest])
        }
        table.append(["uncompressed", Quantity.size(statistics.textSizeBytes)])
        if statistics.lineCount > 0 {
            table.append(["bytes per event", Quantity.ratio(statistics.textSizeBytes, statistics.lineCount)])
            table.append(["largest event", Quantity.size(UInt64(statistics.largestLineSizeBytes))])
        }
        if let size = self.fileSizeBytes {
            table.append(["on disk", Quantity.size(size)])
            table.append(["on disk per event", Quantity.ratio(size, statistics.lineCount)])
            table.append(["ratio", Quantity.ratio(statistics.textSizeBytes, size)])
        }
        if statistics.erasedCount > 0 { table.append(["erased", "\(statistics.erasedCount)"]) }
        if statistics.unreadableCount > 0 { table.append(["unreadable", "\(statistics.unreadableCount)"]) }
        var text = table.text
        self.append("TYPE", statistics.types.mostFrequent(.max), of: statistics.types, to: &text)
        self.append("CHANNEL", statistics.channels.mostFrequent(self.limit), of: statistics.channels, to: &text)
        self.append("USER", statistics.users.mostFrequent(self.limit), of: statistics.users, to: &text)
        self.append("HOUR", Array(self.hours.suffix(self.limit)), of: statistics.hours, to: &text)
        return text
    }

    private func append(_ title: String, _ rows: [CountTable.Entry], of all: CountTable, to text: inout [UInt8]) {
        guard !rows.isEmpty else { return }
        var table = TextTable([
            TextTable.Column(title), TextTable.Column("EVENTS", .right), TextTable.Column("SIZE", .right),
        ])
        for row in rows {
            table.append([row.name, Array("\(row.count)".utf8), Array(Quantity.size(row.sizeBytes).utf8)])
        }
        text.append(UInt8(ascii: "\n"))
        text.append(contentsOf: table.text)
        let left = all.entries.count - rows.count
        if left > 0 { text.append(contentsOf: "(\(left) more; --top 0 lists all)\n".utf8) }
        if all.others.count > 0 { text.append(contentsOf: "(\(all.others.count) events of further names)\n".utf8) }
    }

    // MARK: For programs

    /// One line.
    var json: [UInt8] {
        let statistics = self.statistics
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("events")
        writer.integer(statistics.lineCount)
        writer.key("first")
        Self.write(statistics.firstLine, to: &writer)
        writer.key("last")
        Self.write(statistics.lastLine, to: &writer)
        writer.key("earliest")
        Self.write(statistics.earliest, to: &writer)
        writer.key("latest")
        Self.write(statistics.latest, to: &writer)
        writer.key("uncompressed_bytes")
        writer.integer(statistics.textSizeBytes)
        writer.key("disk_bytes")
        Self.write(self.fileSizeBytes, to: &writer)
        writer.key("largest_event_bytes")
        writer.integer(statistics.largestLineSizeBytes)
        writer.key("erased")
        writer.integer(statistics.erasedCount)
        writer.key("unreadable")
        writer.integer(statistics.unreadableCount)
        writer.key("types")
        Self.write(statistics.types.mostFrequent(.max), to: &writer)
        writer.key("channels")
        Self.write(statistics.channels.mostFrequent(self.limit), to: &writer)
        writer.key("users")
        Self.write(statistics.users.mostFrequent(self.limit), to: &writer)
        writer.key("hours")
        Self.write(Array(self.hours.suffix(self.limit)), to: &writer)
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private static func write(_ rows: [CountTable.Entry], to writer: inout JSONWriter) {
        writer.beginArray()
        for row in rows {
            writer.beginObject()
            writer.key("name")
            writer.string(utf8: row.name)
            writer.key("events")
            writer.integer(row.count)
            writer.key("bytes")
            writer.integer(row.sizeBytes)
            writer.endObject()
        }
        writer.endArray()
    }

    private static func write(_ number: UInt64?, to writer: inout JSONWriter) {
        guard let number else {
            writer.null()
            return
        }
        writer.integer(number)
    }

    private static func write(_ text: [UInt8]?, to writer: inout JSONWriter) {
        guard let text else {
            writer.null()
            return
        }
        writer.string(utf8: text)
    }
}
