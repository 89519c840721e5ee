import EventLog
import LogValues
import Projections
import RawJSON

/// Prints lines of the log in one of the formats.
struct LinePrinter {
    private static let detailWidth = 100

    private let format: OutputFormat
    private let output: OutputBuffer
    private var row: [UInt8] = []
    private var hasHeader = false

    init(_ format: OutputFormat, to output: OutputBuffer) {
        self.format = format
        self.output = output
    }

    /// - Throws: What writing to the output throws.
    mutating func print(_ line: LogLine) throws {
        switch self.format {
        case .ndjson:
            try self.output.append(line: line.bytes)
        case .table:
            try self.printHeader(
                "      LINE  TIME                     TYPE                     CHANNEL           USER              WHAT\n"
            )
            self.tableRow(line)
            try self.output.append(self.row)
        case .csv:
            try self.printHeader("seq,time,type,source,channel,user,conn_id,uuid,data,content,commit\r\n")
            self.csvRow(line)
            try self.output.append(self.row)
        }
    }

    /// Writes the header of an empty table too.
    ///
    /// - Throws: What writing to the output throws.
    mutating func finish() throws {
        if self.format == .csv {
            try self.printHeader("seq,time,type,source,channel,user,conn_id,uuid,data,content,commit\r\n")
        }
        try self.output.flush()
    }

    private mutating func printHeader(_ text: String) throws {
        guard !self.hasHeader else { return }
        self.hasHeader = true
        try self.output.append(text)
    }

    // MARK: Table

    private mutating func tableRow(_ line: LogLine) {
        let parts = LineParts(line.bytes)
        let data = DataFields(parts.data)
        self.row.removeAll(keepingCapacity: true)
        let number = String(line.sequenceNumber.rawValue)
        self.row.append(contentsOf: repeatElement(UInt8(ascii: " "), count: max(0, 10 - number.utf8.count)))
        self.row.append(contentsOf: number.utf8)
        // To the millisecond: people read this.
        self.cell(parts.time.extracting(first: 23), width: 23)
        self.cell(parts.type, width: 23)
        self.cell(Self.channels(data, separator: ","), width: 16)
        self.cell(data.user?.decodedUTF8() ?? [], width: 16)
        self.row.append(contentsOf: "  ".utf8)
        self.detail(parts)
        self.row.append(UInt8(ascii: "\n"))
    }

    private mutating func cell(_ text: Bytes, width: Int) { self.cell(Array(text), width: width) }

    private mutating func cell(_ text: some Collection<UInt8>, width: Int) {
        self.row.append(contentsOf: "  ".utf8)
        let start = self.row.count
        TerminalText.append(text, to: &self.row)
        let used = TextTable.width(self.row[start...])
        self.row.append(contentsOf: repeatElement(UInt8(ascii: " "), count: max(0, width - used)))
    }

    /// What people wrote, or, of events without content, the data.
    private mutating func detail(_ parts: LineParts) {
        if parts.isErased {
            self.row.append(contentsOf: "(erased)".utf8)
            return
        }
        let text = parts.contentOrData
        // Far more bytes than that many scalars take.
        let scalars = String(decoding: text.extracting(first: 4 * Self.detailWidth), as: UTF8.self).unicodeScalars
        TerminalText.append(String(scalars.prefix(Self.detailWidth)).utf8, to: &self.row)
        if scalars.count > Self.detailWidth { self.row.append(contentsOf: "…".utf8) }
    }

    private static func channels(_ data: DataFields, separator: StaticString) -> [UInt8] {
        if let channel = data.channel { return channel.decodedUTF8() }
        var names: [UInt8] = []
        data.forEachChannel { channel in
            if !names.isEmpty { names.append(contentsOf: separator.bytes) }
            names.append(contentsOf: channel.decodedUTF8())
        }
        return names
    }

    // MARK: CSV

    private mutating func csvRow(_ line: LogLine) {
        let parts = LineParts(line.bytes)
        let data = DataFields(parts.data)
        self.row.removeAll(keepingCapacity: true)
        self.row.append(contentsOf: String(line.sequenceNumber.rawValue).utf8)
        self.field(parts.time)
        self.field(parts.type)
        self.field(parts.source)
        self.field(Self.channels(data, separator: " "))
        self.field(data.user?.decodedUTF8() ?? [])
        self.field(data.connection?.decodedUTF8() ?? [])
        self.field(data.uuid?.decodedUTF8() ?? [])
        self.field(parts.data)
        self.field(parts.content)
        self.field(parts.commit)
        self.row.append(contentsOf: "\r\n".utf8)
    }

    private mutating func field(_ text: Bytes) { self.field(Array(text)) }

    private mutating func field(_ text: some Collection<UInt8>) {
        self.row.append(UInt8(ascii: ","))
        CSV.append(text, to: &self.row)
    }
}
