package import LogValues
package import RawJSON

/// All parts of an event line, read by key, in whatever order they stand; slices of the line.
///
/// Missing parts are empty: whoever shows a line shows what is there, and does not judge it.
package struct LineParts: ~Escapable {
    private let line: Bytes
    // Where the parts stand in the line.
    private var timeRange: Range<Int>?
    private var typeRange: Range<Int>?
    private var sourceRange: Range<Int>?
    private var dataRange: Range<Int>?
    private var contentRange: Range<Int>?
    private var commitRange: Range<Int>?

    @_lifetime(copy line)
    package init(_ line: Bytes) {
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

    private func range(of part: Bytes) -> Range<Int>? { self.line.indices(of: part) }

    @_lifetime(copy self)
    private func part(_ range: Range<Int>?) -> Bytes { self.line.extracting(range ?? 0..<0) }

    package var time: Bytes {
        @_lifetime(copy self)
        get { self.part(self.timeRange) }
    }

    package var type: Bytes {
        @_lifetime(copy self)
        get { self.part(self.typeRange) }
    }

    package var source: Bytes {
        @_lifetime(copy self)
        get { self.part(self.sourceRange) }
    }

    package var data: Bytes {
        @_lifetime(copy self)
        get { self.part(self.dataRange) }
    }

    package var content: Bytes {
        @_lifetime(copy self)
        get { self.part(self.contentRange) }
    }

    /// What stands for content that was erased.
    package var commit: Bytes {
        @_lifetime(copy self)
        get { self.part(self.commitRange) }
    }

    /// What people wrote, or, of events without content, the data.
    package var contentOrData: Bytes {
        @_lifetime(copy self)
        get { self.part(self.contentRange ?? self.dataRange) }
    }

    /// Whether it has all that every event has.
    var isWhole: Bool {
        self.timeRange != nil && self.typeRange != nil && self.sourceRange != nil && self.dataRange != nil
    }

    package var isErased: Bool { self.commitRange != nil && self.contentRange == nil }
}

extension LineParts {
    /// Checks that a line is one JSON value of the depth that readers accept, and nothing else.
    package static func checkStructure(of line: Bytes) throws(RawJSONError) {
        var scanner = JSONScanner(line, maximumDepth: EventDecoder.maximumDepth)
        try scanner.skipValue()
        try scanner.finish()
    }
}
