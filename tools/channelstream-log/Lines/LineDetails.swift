import Projections
import RawJSON

/// All parts of an event line, for tables and CSV; slices of the line.
///
/// Missing parts are empty: `verify` judges lines, printing shows what is there.
struct LineDetails {
    private(set) var time = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var type = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var source = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var data = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var content: UnsafeRawBufferPointer?
    /// What stands for content that was erased.
    private(set) var commit: UnsafeRawBufferPointer?

    init(_ line: UnsafeRawBufferPointer) {
        var scanner = JSONScanner(line, maximumDepth: EventDecoder.maximumDepth)
        try? self.read(&scanner)
    }

    private mutating func read(_ scanner: inout JSONScanner) throws(RawJSONError) {
        try scanner.beginObject()
        while let key = try scanner.nextMember() {
            if key == "time" {
                self.time = try scanner.readString().raw
            } else if key == "type" {
                self.type = try scanner.readString().raw
            } else if key == "source" {
                self.source = try scanner.readString().raw
            } else if key == "data" {
                self.data = try scanner.readValue().bytes
            } else if key == "content" {
                self.content = try scanner.readValue().bytes
            } else if key == "commit" {
                self.commit = try scanner.readString().raw
            } else {
                try scanner.skipValue()
            }
        }
    }
}
