import LogValues
import Projections
import RawJSON

/// All parts of an event line, for tables and CSV; slices of the line.
///
/// Missing parts are empty: `verify` judges lines, printing shows what is there.
struct LineDetails: ~Escapable {
    private let line: Bytes
    // Where the parts stand in the line.
    private var timeRange = 0..<0
    private var typeRange = 0..<0
    private var sourceRange = 0..<0
    private var dataRange = 0..<0
    private var contentRange: Range<Int>?
    private var commitRange: Range<Int>?

    @_lifetime(copy line)
    init(_ line: Bytes) {
        self.line = line
        var scanner = JSONScanner(line, maximumDepth: EventDecoder.maximumDepth)
        try? self.read(&scanner)
    }

    private mutating func read(_ scanner: inout JSONScanner) throws(RawJSONError) {
        try scanner.beginObject()
        while let key = try scanner.nextMember() {
            if key == "time" {
                self.timeRange = self.range(of: try scanner.readString().raw)
            } else if key == "type" {
                self.typeRange = self.range(of: try scanner.readString().raw)
            } else if key == "source" {
                self.sourceRange = self.range(of: try scanner.readString().raw)
            } else if key == "data" {
                self.dataRange = self.range(of: try scanner.readValue().bytes)
            } else if key == "content" {
                self.contentRange = self.range(of: try scanner.readValue().bytes)
            } else if key == "commit" {
                self.commitRange = self.range(of: try scanner.readString().raw)
            } else {
                try scanner.skipValue()
            }
        }
    }

    private func range(of part: Bytes) -> Range<Int> { self.line.indices(of: part) ?? 0..<0 }

    @_lifetime(copy self)
    private func part(_ range: Range<Int>?) -> Bytes { self.line.extracting(range ?? 0..<0) }

    var time: Bytes {
        @_lifetime(copy self)
        get { self.part(self.timeRange) }
    }

    var type: Bytes {
        @_lifetime(copy self)
        get { self.part(self.typeRange) }
    }

    var source: Bytes {
        @_lifetime(copy self)
        get { self.part(self.sourceRange) }
    }

    var data: Bytes {
        @_lifetime(copy self)
        get { self.part(self.dataRange) }
    }

    var content: Bytes {
        @_lifetime(copy self)
        get { self.part(self.contentRange) }
    }

    /// What stands for content that was erased.
    var commit: Bytes {
        @_lifetime(copy self)
        get { self.part(self.commitRange) }
    }

    /// What people wrote, or, of events without content, the data.
    var contentOrData: Bytes {
        @_lifetime(copy self)
        get { self.part(self.contentRange ?? self.dataRange) }
    }

    var isErased: Bool { self.commitRange != nil && self.contentRange == nil }
}
