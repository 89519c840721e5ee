import LogValues
import Projections
import RawJSON

/// What a sequence of events brought about.
struct Replay {
    var state = HubState()
    var changes: [Change] = []
    var outcomes: [Outcome] = []

    /// Applies events at the positions that follow the last one.
    mutating func apply(_ events: some Sequence<Event>) {
        for event in events {
            let position = SequenceNumber(self.state.position.rawValue + 1)
            self.outcomes.append(self.state.apply(event, at: position, into: &self.changes))
        }
    }

    init(_ events: some Sequence<Event> = []) {
        self.apply(events)
    }
}

/// The lines of a state's snapshot.
func snapshotLines(of state: HubState) -> [[UInt8]] {
    var state = state
    var lines: [[UInt8]] = []
    state.writeSnapshot { lines.append(Array($0)) }
    return lines
}

/// The state that a snapshot's lines hold.
func readSnapshot(_ lines: [[UInt8]]) throws -> HubState {
    var reader = SnapshotReader()
    for line in lines {
        try reader.read(line.span)
    }
    return try reader.finish()
}

/// The line that a log would hold for an event, whole or in its redacted form.
func line(of event: Event, at position: SequenceNumber, hasMore: Bool = false, redacted: Bool = false) -> [UInt8] {
    var bytes = Array("{\"seq\":\(position),\(hasMore ? "\"more\":true," : "")".utf8)
    event.appendHead(to: &bytes)
    if let content = event.content {
        if let plain = content.plain, !redacted {
            bytes += Array(",\"salt\":\"".utf8) + base64URL([plain.salt.high, plain.salt.low])
            bytes += Array("\",\"content\":".utf8) + plain.json.bytes
        } else {
            bytes += Array(",\"commit\":\"\(content.commit)\"".utf8)
        }
    }
    return bytes + Array("}".utf8)
}

/// The text of whole words: an encoder that has nothing in common with the one under test.
private func base64URL(_ words: [UInt64]) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var bits = words.flatMap { word in (0..<64).map { word >> UInt64(63 - $0) & 1 } }
    while bits.count % 6 != 0 { bits.append(0) }
    return stride(from: 0, to: bits.count, by: 6).map { start in
        alphabet[bits[start..<start + 6].reduce(0) { $0 << 1 | Int($1) }]
    }
}
