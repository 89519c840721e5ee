import Projections
import RawJSON

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The outer parts of an event line that filters look at, as slices of the line.
///
/// The log writes them in a fixed order, so they are found by comparing bytes; a line in another order (of a later
/// release) is read as JSON.
struct LineFields {
    /// As in the log: `2026-11-23T23:10:11.123456Z`.
    let time: UnsafeRawBufferPointer
    let type: UnsafeRawBufferPointer
    let source: UnsafeRawBufferPointer
    /// Begins with the value of `data`; what follows it in the line stands behind.
    let dataAndRest: UnsafeRawBufferPointer

    /// The parts of a line, given without its newline; nil if it lacks one of them.
    init?(_ line: UnsafeRawBufferPointer) {
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
    static func typeHint(_ line: UnsafeRawBufferPointer) -> UInt8? {
        let opening: StaticString = "\"time\":\""
        var at = 7
        while at < line.count, line[at] != UInt8(ascii: ",") { at += 1 }
        at += 1
        if at < line.count - 12, UnsafeRawBufferPointer(rebasing: line[at...]).begins(with: "\"more\":true,") {
            at += 12
        }
        // `"time":"` 27 characters `","type":"`
        let type = at + opening.utf8CodeUnitCount + 27 + 10
        guard type < line.count, UnsafeRawBufferPointer(rebasing: line[at...]).begins(with: opening),
            UnsafeRawBufferPointer(rebasing: line[(type - 10)...]).begins(with: "\",\"type\":\"")
        else { return line.isEmpty ? nil : UInt8(ascii: "l") }
        return line[type]
    }

    private init(
        time: UnsafeRawBufferPointer,
        type: UnsafeRawBufferPointer,
        source: UnsafeRawBufferPointer,
        dataAndRest: UnsafeRawBufferPointer
    ) {
        self.time = time
        self.type = type
        self.source = source
        self.dataAndRest = dataAndRest
    }

    /// Reads the parts in any order.
    private static func scan(_ line: UnsafeRawBufferPointer) throws(RawJSONError) -> LineFields? {
        var scanner = JSONScanner(line, maximumDepth: EventDecoder.maximumDepth)
        var time: UnsafeRawBufferPointer?
        var type: UnsafeRawBufferPointer?
        var source: UnsafeRawBufferPointer?
        var data: UnsafeRawBufferPointer?
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
struct FixedReader {
    private let bytes: UnsafeRawBufferPointer
    private var at = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self.bytes[self.at...]) }

    mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard let base = self.bytes.baseAddress, self.bytes.count - self.at >= count,
            memcmp(base + self.at, text.utf8Start, count) == 0
        else { return false }
        self.at += count
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
    mutating func untilQuote() -> UnsafeRawBufferPointer? {
        let start = self.at
        while self.at < self.bytes.count {
            switch self.bytes[self.at] {
            case UInt8(ascii: "\\"):
                return nil
            case UInt8(ascii: "\""):
                self.at += 1
                return UnsafeRawBufferPointer(rebasing: self.bytes[start..<self.at - 1])
            default:
                self.at += 1
            }
        }
        return nil
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these are the bytes of `text`.
    func equals(_ text: StaticString) -> Bool {
        self.count == text.utf8CodeUnitCount && self.begins(with: text)
    }

    func begins(with text: StaticString) -> Bool {
        guard let base = self.baseAddress, self.count >= text.utf8CodeUnitCount else { return false }
        return memcmp(base, text.utf8Start, text.utf8CodeUnitCount) == 0
    }

    func equals(_ bytes: [UInt8]) -> Bool { self.compare(bytes) == 0 }

    /// Less than zero, zero or greater, as `memcmp` says of the common part, and then of the sizes.
    func compare(_ bytes: [UInt8]) -> Int {
        let common = Swift.min(self.count, bytes.count)
        if let base = self.baseAddress, common > 0 {
            let order = bytes.withUnsafeBytes { other in other.baseAddress.map { memcmp(base, $0, common) } ?? 0 }
            if order != 0 { return Int(order) }
        }
        return self.count - bytes.count
    }
}
