import LogValues
import Projections
import RawJSON

/// The outer parts of an event line that filters look at, as slices of the line.
///
/// The log writes them in a fixed order, so they are found by comparing bytes; a line in another order (of a later
/// release) is read as JSON.
struct LineFields: ~Escapable {
    /// As in the log: `2026-11-23T23:10:11.123456Z`.
    let time: Bytes
    let type: Bytes
    let source: Bytes
    /// Begins with the value of `data`; what follows it in the line stands behind.
    let dataAndRest: Bytes

    /// The parts of a line, given without its newline; nil if it lacks one of them.
    @_lifetime(copy line)
    init?(_ line: Bytes) {
        var reader = FixedReader(line)
        if reader.skip("{\"seq\":"), reader.skipDigits(), reader.skip(","), reader.skipIfThere("\"more\":true,"),
            reader.skip("\"time\":\""), let time = reader.untilQuote(),
            reader.skip(",\"type\":\""), let type = reader.untilQuote(),
            reader.skip(",\"source\":\""), let source = reader.untilQuote(),
            reader.skip(",\"data\":")
        {
            self.init(time: time, type: type, source: source, dataAndRest: reader.rest)
            return
        }
        guard let fields = try? Self.scan(line) else { return nil }
        self = fields
    }

    /// The first byte of a line's type, at the cost of a comparison or two; "l", which says nothing, for a line in another
    /// order.
    static func typeHint(_ line: Bytes) -> UInt8? {
        let opening: StaticString = "\"time\":\""
        var at = 7
        while at < line.count, line[at] != UInt8(ascii: ",") { at += 1 }
        at += 1
        if at < line.count - 12, line.holds("\"more\":true,", at: at) {
            at += 12
        }
        // `"time":"` 27 characters `","type":"`
        let type = at + opening.utf8CodeUnitCount + 27 + 10
        guard type < line.count, line.holds(opening, at: at),
            line.holds("\",\"type\":\"", at: type - 10)
        else { return line.isEmpty ? nil : UInt8(ascii: "l") }
        return line[type]
    }

    @_lifetime(copy time, copy type, copy source, copy dataAndRest)
    private init(
        time: Bytes,
        type: Bytes,
        source: Bytes,
        dataAndRest: Bytes
    ) {
        self.time = time
        self.type = type
        self.source = source
        self.dataAndRest = dataAndRest
    }

    /// Reads the parts in any order.
    @_lifetime(copy line)
    private static func scan(_ line: Bytes) throws(RawJSONError) -> LineFields? {
        var scanner = JSONScanner(line, maximumDepth: EventDecoder.maximumDepth)
        var time: Bytes?
        var type: Bytes?
        var source: Bytes?
        var data: Bytes?
        try scanner.beginObject()
        while let key = try scanner.nextMember() {
            if key == "time" {
                time = try scanner.readString().raw
            } else if key == "type" {
                type = try scanner.readString().raw
            } else if key == "source" {
                source = try scanner.readString().raw
            } else if key == "data" {
                data = try scanner.readValue().bytes
            } else {
                try scanner.skipValue()
            }
        }
        guard let time, let type, let source, let data else { return nil }
        return LineFields(time: time, type: type, source: source, dataAndRest: data)
    }
}

/// Walks over bytes that are expected to be so and not otherwise.
struct FixedReader: ~Escapable {
    private let bytes: Bytes
    private var at = 0

    @_lifetime(copy bytes)
    init(_ bytes: Bytes) {
        self.bytes = bytes
    }

    var rest: Bytes {
        @_lifetime(copy self)
        get { self.bytes.extracting(self.at...) }
    }

    mutating func skip(_ text: StaticString) -> Bool {
        guard self.bytes.holds(text, at: self.at) else { return false }
        self.at += text.utf8CodeUnitCount
        return true
    }

    /// Always true, so that it can stand in a chain of conditions.
    mutating func skipIfThere(_ text: StaticString) -> Bool {
        _ = self.skip(text)
        return true
    }

    mutating func skipDigits() -> Bool {
        let start = self.at
        while self.at < self.bytes.count, self.bytes[self.at] &- UInt8(ascii: "0") < 10 { self.at += 1 }
        return self.at > start
    }

    /// Everything up to the next quote, which is passed as well; nil if there is an escape in it.
    @_lifetime(copy self)
    mutating func untilQuote() -> Bytes? {
        let start = self.at
        while self.at < self.bytes.count {
            switch self.bytes[self.at] {
            case UInt8(ascii: "\\"):
                return nil
            case UInt8(ascii: "\""):
                self.at += 1
                return self.bytes.extracting(start..<self.at - 1)
            default:
                self.at += 1
            }
        }
        return nil
    }
}

extension Span<UInt8> {
    /// Less than zero, zero or greater, by the first byte that differs, or else by the sizes.
    func compare(_ bytes: [UInt8]) -> Int {
        for index in 0..<Swift.min(self.count, bytes.count) where self[index] != bytes[index] {
            return Int(self[index]) - Int(bytes[index])
        }
        return self.count - bytes.count
    }
}
