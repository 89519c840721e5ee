import EventLog
import LogValues
import Projections
import RawJSON

/// The result of a verification as it is shown.
struct VerificationReport {
    let result: Verification

    private var verdict: String {
        switch self.result.status {
        case .success: "intact"
        case .tornTail: "torn tail"
        case .damage: "damaged"
        case .forgery: "forged"
        case .signature: "not signed as it should be"
        case .stateDigest: "state differs"
        case .hashes: "hashes beside the log differ"
        case .erasure: "erasure not carried out"
        case .negative: "not wholly compared"
        case .unreadable, .usage: "unreadable"
        }
    }

    private var end: String {
        switch self.result.ending {
        case .closed, .through: "closed"
        case .open: "open: being written, or its writer died after a whole commit"
        case .torn: "torn"
        case nil: "not reached"
        }
    }

    private var stateDigests: String {
        if let omission = self.result.stateDigestOmission { return "none: \(omission)" }
        return self.result.stateDigestCount.map { "\($0)" } ?? "none (see --state)"
    }

    var text: [UInt8] {
        let result = self.result
        var table = TextTable([TextTable.Column("LOG"), TextTable.Column(result.logID ?? "")])
        table.append(["result", self.verdict])
        table.append(["lines", "\(result.lineCount)"])
        if result.firstLine > .first {
            table.append(["first line kept", "\(result.firstLine)"])
            table.append(["lines before dropped", result.dropRecord?.text ?? "nothing says why"])
        }
        table.append(["segments", "\(result.segmentCount)"])
        table.append(["uncompressed", Quantity.size(result.textSizeBytes)])
        table.append(["checkpoints", "\(result.checkpointCount)"])
        table.append(["signed through line", result.signatures.summary])
        table.append(["signatures checked", "\(result.signatures.signedCount)"])
        if result.signatures.unknownCount > 0 {
            table.append(["signatures by unknown keys", "\(result.signatures.unknownCount)"])
        }
        if result.signatures.unsignedCount > 0 {
            table.append(["checkpoints unsigned", "\(result.signatures.unsignedCount)"])
        }
        for change in result.signatures.changes {
            table.append(["key changed in line \(change.line)", change.change.key])
        }
        table.append(["state digests checked", self.stateDigests])
        table.append(["snapshots", "\(result.snapshotCount)"])
        if result.erasedCount > 0 { table.append(["erased", "\(result.erasedCount)"]) }
        if result.unknownTypeCount > 0 { table.append(["events of unknown types", "\(result.unknownTypeCount)"]) }
        table.append(["end", self.end])
        table.append(["root", "\(result.frontier.root)"])
        return table.text
    }

    /// One line.
    var json: [UInt8] {
        let result = self.result
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("result")
        writer.string(self.verdict)
        writer.key("status")
        writer.integer(result.status.rawValue)
        writer.key("log")
        if let logID = result.logID { writer.string(logID) } else { writer.null() }
        writer.key("size")
        writer.integer(result.frontier.size)
        writer.key("root")
        writer.string("\(result.frontier.root)")
        writer.key("lines")
        writer.integer(result.lineCount)
        writer.key("segments")
        writer.integer(result.segmentCount)
        writer.key("uncompressed_bytes")
        writer.integer(result.textSizeBytes)
        writer.key("checkpoints")
        writer.integer(result.checkpointCount)
        writer.key("signed_through")
        if let size = result.signatures.signedThrough { writer.integer(size) } else { writer.null() }
        writer.key("signatures")
        writer.integer(result.signatures.signedCount)
        writer.key("unchecked_signatures")
        writer.integer(result.signatures.unknownCount)
        writer.key("unsigned_checkpoints")
        writer.integer(result.signatures.unsignedCount)
        writer.key("state_digests")
        if let count = result.stateDigestCount { writer.integer(count) } else { writer.null() }
        writer.key("first_line")
        writer.integer(result.firstLine.rawValue)
        writer.key("snapshots")
        writer.integer(result.snapshotCount)
        writer.key("erased")
        writer.integer(result.erasedCount)
        writer.key("end")
        writer.string(self.end)
        writer.key("findings")
        writer.beginArray()
        for finding in result.findings { Self.write(finding, to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private static func write(_ finding: Finding, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("status")
        writer.integer(finding.status.rawValue)
        writer.key("segment")
        if let segment = finding.segment { writer.string(segment) } else { writer.null() }
        writer.key("offset")
        if let offset = finding.offset { writer.integer(offset) } else { writer.null() }
        writer.key("first_line")
        if let lines = finding.lines { writer.integer(lines.lowerBound) } else { writer.null() }
        writer.key("last_line")
        if let lines = finding.lines { writer.integer(lines.upperBound) } else { writer.null() }
        writer.key("message")
        writer.string(finding.message)
        writer.endObject()
    }
}
