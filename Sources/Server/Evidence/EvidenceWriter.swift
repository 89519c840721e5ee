import Archive
import EventLog
import LogValues
import Projections
import RawJSON

/// Evidence as JSON, for programs that do not speak the text forms.
///
/// Hashes are in standard base64, as there.
enum EvidenceWriter {
    static func json(_ proof: InclusionEvidence) -> [UInt8] {
        JSONWriter.object { writer in
            writer.member("seq", proof.line.rawValue)
            writer.member("index", proof.line.rawValue - 1)
            writer.member("size", proof.size)
            writer.member("root", proof.root.base64)
            Self.write(proof.hashes, proof.note, into: &writer)
        }
    }

    static func json(_ proof: ConsistencyEvidence) -> [UInt8] {
        JSONWriter.object { writer in
            writer.member("from", proof.oldSize)
            writer.member("from_root", proof.oldRoot.base64)
            writer.member("to", proof.newSize)
            writer.member("to_root", proof.newRoot.base64)
            Self.write(proof.hashes, proof.note, into: &writer)
        }
    }

    /// `text` is the receipt in its text form.
    static func json(_ receipt: MessageReceipt, text: [UInt8]) -> [UInt8] {
        JSONWriter.object { writer in
            writer.member("uuid", "\(receipt.uuid)")
            writer.member("event", receipt.line.kind?.rawValue)
            writer.member("seq", receipt.line.sequenceNumber.rawValue)
            writer.member("erased", receipt.line.isErased)
            // A string, not an object: what is hashed are these bytes, and JSON may be written in many ways.
            writer.member("line", utf8: receipt.line.bytes)
            writer.member("proof", utf8: text)
        }
    }

    private static func write(_ hashes: [Hash256], _ note: SignedNote?, into writer: inout JSONWriter) {
        writer.member("hashes", hashes.map(\.base64))
        writer.member("checkpoint", utf8: note?.bytes)
    }
}
