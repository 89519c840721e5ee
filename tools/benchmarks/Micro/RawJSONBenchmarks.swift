import LogValues
import RawJSON

/// Scanning and writing of event lines as the log holds them, one core.
func rawJSONBenchmarks() throws {
    let ascii = EventLines(text: "Shall we meet at the harbour at eight? Aye.")
    let cyrillic = EventLines(text: "Встретимся в порту в восемь?")
    let escaped = EventLines(text: #"line one\nline two \"quoted\", a caf\u00e9 and \ud83d\ude00, and\\o/"#)

    for (name, lines) in [("", ascii), ("-cyrillic", cyrillic), ("-escaped", escaped)] {
        try Benchmark.throughput("rawjson.scan-event-lines\(name)", settings: lines.settings) {
            try lines.readAll { line in
                var scanner = JSONScanner(line)
                try scanner.skipValue()
                try scanner.finish()
            }
        }
    }
    try Benchmark.throughput("rawjson.pull-event-lines", settings: ascii.settings + ", every member read") {
        var checksum: Int64 = 0
        let size = try ascii.readAll { checksum &+= try pullEventLine($0) }
        precondition(checksum == ascii.sequenceNumberSum, "every line was read")
        return size
    }
    try Benchmark.throughput("rawjson.own-event-lines", settings: ascii.settings + ", validated copies") {
        try ascii.readAll { _ = try RawJSON(validating: $0) }
    }
    let content = try RawJSON(validating: Array(#"{"message":{"text":"\#(ascii.text)"}}"#.utf8))
    Benchmark.throughput("rawjson.write-event-lines", settings: ascii.settings) {
        var writer = JSONWriter(capacity: 1024)
        var size = 0
        for sequenceNumber in 1...EventLines.count {
            writer.removeAll()
            writeEventLine(sequenceNumber, content, into: &writer)
            size += writer.bytes.count
        }
        return size
    }
    Benchmark.throughput("rawjson.write-strings", settings: "strings of \(ascii.text.utf8.count) bytes, no escapes") {
        let text = Array(ascii.text.utf8)
        var writer = JSONWriter(capacity: 1 << 20)
        writer.beginArray()
        for _ in 0..<EventLines.count { writer.string(utf8: text) }
        writer.endArray()
        return writer.bytes.count
    }
}

/// Lines of about 290 bytes each, with numbers and ids that differ.
private struct EventLines {
    static let count = 10_000

    let text: String
    private let lines: [[UInt8]]

    init(text: String) {
        self.text = text
        self.lines = (1...Self.count).map { Array(Self.line($0, text).utf8) }
    }

    var settings: String { "\(Self.count) lines of \(self.lines[Self.count / 2].count) bytes" }
    var sequenceNumberSum: Int64 { Int64(Self.count * (Self.count + 1) / 2) }

    /// Lends every line.
    ///
    /// - Returns: The bytes in all.
    func readAll(_ body: (Bytes) throws -> Void) rethrows -> Int {
        var size = 0
        for line in self.lines {
            try body(line.span)
            size += line.count
        }
        return size
    }

    private static func line(_ sequenceNumber: Int, _ text: String) -> String {
        #"{"seq":\#(sequenceNumber),"time":"2026-11-23T23:10:11.123456Z","type":"message.posted","#
            + #""source":"node-1","data":{"uuid":"9f0c5d2e-41c7-4b86-a1f3-\#(100_000_000_000 + sequenceNumber)","#
            + #""channel":"room-\#(sequenceNumber % 100)","user":"alice"},"salt":"q83vEjRWeJCrze8SNFZ4kA","#
            + #""content":{"message":{"text":"\#(text)"}}}"#
    }
}

/// Reads a line as a consumer of the log does: envelope and data member by member, the content as a slice.
private func pullEventLine(_ line: Bytes) throws -> Int64 {
    var sequenceNumber: Int64 = 0
    var scanner = JSONScanner(line)
    try scanner.beginObject()
    while let name = try scanner.nextMember() {
        switch name {
        case "seq": sequenceNumber = try scanner.readInteger()
        case "time", "type", "source", "salt": _ = try scanner.readString()
        case "data":
            try scanner.beginObject()
            while try scanner.nextMember() != nil { _ = try scanner.readString() }
        default: try scanner.skipValue()
        }
    }
    try scanner.finish()
    return sequenceNumber
}

private func writeEventLine(_ sequenceNumber: Int, _ content: RawJSON, into writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("seq")
    writer.integer(sequenceNumber)
    writer.key("time")
    writer.string("2026-11-23T23:10:11.123456Z")
    writer.key("type")
    writer.string("message.posted")
    writer.key("source")
    writer.string("node-1")
    writer.key("data")
    writer.beginObject()
    writer.key("uuid")
    writer.string("9f0c5d2e-41c7-4b86-a1f3-100000000000")
    writer.key("channel")
    writer.string("room-17")
    writer.key("user")
    writer.string("alice")
    writer.endObject()
    writer.key("salt")
    writer.string("q83vEjRWeJCrze8SNFZ4kA")
    writer.key("content")
    writer.value(content)
    writer.endObject()
}
