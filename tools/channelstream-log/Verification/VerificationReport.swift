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
        return JSONWriter.line { writer in
            writer.member("result", self.verdict)
            writer.member("status", result.status.rawValue)
            writer.member("log", result.logID)
            writer.member("size", result.frontier.size)
            writer.member("root", "\(result.frontier.root)")
            writer.member("lines", result.lineCount)
            writer.member("segments", result.segmentCount)
            writer.member("uncompressed_bytes", result.textSizeBytes)
            writer.member("checkpoints", result.checkpointCount)
            writer.member("signed_through", result.signatures.signedThrough)
            writer.member("signatures", result.signatures.signedCount)
            writer.member("unchecked_signatures", result.signatures.unknownCount)
            writer.member("unsigned_checkpoints", result.signatures.unsignedCount)
            writer.member("state_digests", result.stateDigestCount)
            writer.member("first_line", result.firstLine.rawValue)
            writer.member("snapshots", result.snapshotCount)
            writer.member("erased", result.erasedCount)
            writer.member("end", self.end)
            writer.array("findings", result.findings) { writer, finding in
                writer.object { writer in
                    writer.member("status", finding.status.rawValue)
                    writer.member("segment", finding.segment)
                    writer.member("offset", finding.offset)
                    writer.member("first_line", finding.lines?.lowerBound)
                    writer.member("last_line", finding.lines?.upperBound)
                    writer.member("message", finding.message)
                }
            }
        }
    }
}
