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
        return JSONWriter.line { writer in
            writer.member("events", statistics.lineCount)
            writer.member("first", statistics.firstLine)
            writer.member("last", statistics.lastLine)
            writer.member("earliest", utf8: statistics.earliest)
            writer.member("latest", utf8: statistics.latest)
            writer.member("uncompressed_bytes", statistics.textSizeBytes)
            writer.member("disk_bytes", self.fileSizeBytes)
            writer.member("largest_event_bytes", statistics.largestLineSizeBytes)
            writer.member("erased", statistics.erasedCount)
            writer.member("unreadable", statistics.unreadableCount)
            writer.array("types", statistics.types.mostFrequent(.max), Self.write)
            writer.array("channels", statistics.channels.mostFrequent(self.limit), Self.write)
            writer.array("users", statistics.users.mostFrequent(self.limit), Self.write)
            writer.array("hours", self.hours.suffix(self.limit), Self.write)
        }
    }

    private static func write(into writer: inout JSONWriter, _ row: CountTable.Entry) {
        writer.object { writer in
            writer.member("name", utf8: row.name)
            writer.member("events", row.count)
            writer.member("bytes", row.sizeBytes)
        }
    }
}
