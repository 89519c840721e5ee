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
        Self.object { writer in
            writer.key("seq")
            writer.integer(proof.line.rawValue)
            writer.key("index")
            writer.integer(proof.line.rawValue - 1)
            writer.key("size")
            writer.integer(proof.size)
            writer.key("root")
            writer.string(proof.root.base64)
            Self.write(proof.hashes, proof.note, into: &writer)
        }
    }

    static func json(_ proof: ConsistencyEvidence) -> [UInt8] {
        Self.object { writer in
            writer.key("from")
            writer.integer(proof.oldSize)
            writer.key("from_root")
            writer.string(proof.oldRoot.base64)
            writer.key("to")
            writer.integer(proof.newSize)
            writer.key("to_root")
            writer.string(proof.newRoot.base64)
            Self.write(proof.hashes, proof.note, into: &writer)
        }
    }

    /// `text` is the receipt in its text form.
    static func json(_ receipt: MessageReceipt, text: [UInt8]) -> [UInt8] {
        Self.object { writer in
            writer.key("uuid")
            writer.string("\(receipt.uuid)")
            writer.key("event")
            if let kind = receipt.line.kind { writer.string(kind.rawValue) } else { writer.null() }
            writer.key("seq")
            writer.integer(receipt.line.sequenceNumber.rawValue)
            writer.key("erased")
            writer.bool(receipt.line.isErased)
            // A string, not an object: what is hashed are these bytes, and JSON may be written in many ways.
            writer.key("line")
            writer.string(utf8: receipt.line.bytes.span)
            writer.key("proof")
            writer.string(utf8: text.span)
        }
    }

    private static func write(_ hashes: [Hash256], _ note: SignedNote?, into writer: inout JSONWriter) {
        writer.key("hashes")
        writer.beginArray()
        for hash in hashes { writer.string(hash.base64) }
        writer.endArray()
        writer.key("checkpoint")
        if let note { writer.string(utf8: note.bytes.span) } else { writer.null() }
    }

    private static func object(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(capacity: 2048)
        writer.beginObject()
        members(&writer)
        writer.endObject()
        return writer.bytes
    }
}
