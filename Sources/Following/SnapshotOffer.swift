import RawJSON

/// The answer of `GET /log/snapshots`: `{"snapshot":"<signed note>"}`, or `null` where there is none yet.
struct SnapshotOffer: Sendable, Equatable {
    /// The signed note; nil: there is no snapshot.
    let note: [UInt8]?

    var json: [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.key("snapshot")
        if let note { writer.string(String(decoding: note, as: UTF8.self)) } else { writer.null() }
        writer.endObject()
        return writer.bytes
    }
}

extension SnapshotOffer {
    /// Reads an offer; nil if the text is something else.
    init?(reading text: [UInt8]) {
        var note: [UInt8]?
        var isNamed = false
        do {
            var scanner = JSONScanner(text.span)
            try scanner.beginObject()
            while let key = try scanner.nextMember() {
                isNamed = isNamed || key == "snapshot"
                if key == "snapshot", try scanner.peek() != .null {
                    note = Array(try scanner.readString().decoded().utf8)
                } else {
                    try scanner.skipValue()
                }
            }
            try scanner.finish()
        } catch {
            return nil
        }
        guard isNamed else { return nil }
        self.init(note: note)
    }
}
