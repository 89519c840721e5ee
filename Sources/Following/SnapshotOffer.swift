import RawJSON

/// The answer of `GET /log/snapshots`: `{"snapshot":"<signed note>"}`, or `null` where there is none yet.
struct SnapshotOffer: Sendable, Equatable {
    /// The signed note; nil: there is no snapshot.
    let note: [UInt8]?

    var json: [UInt8] {
        JSONWriter.object { writer in
            writer.member("snapshot", note.map { String(decoding: $0, as: UTF8.self) })
        }
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
