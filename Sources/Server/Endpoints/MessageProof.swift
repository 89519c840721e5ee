import Archive
import EventLog
import Following
import HTTPTypes
import Hub
import LogValues
import Projections
import Web

extension EvidenceEndpoints {
    /// `GET /message/{uuid}/proof`: a receipt for a message, as C2SP tlog-proof with the line or as JSON.
    var messageProof: Endpoint {
        let operation = Operation(
            "message_proof",
            "A receipt for a message (C2SP tlog-proof with the line, or JSON)",
            parameters: [
                .message, .query("event", "post (the default), edit, edit:2, delete or erase"),
                .query("line", "How much of the line it shows: whole (the default) or redacted"),
            ],
            answers: .textOr("MessageProof"),
            refusals: [422]
        )
        return self.endpoint("/message/{uuid}/proof", for: .backend, operation) {
            (request, evidence) async throws(Refusal) in
            let uuid = try request.messageID
            let (selector, isRedacted) = try Parameters.read(request.query) {
                (
                    $0.value("event", Self.wrongEvent) { MessageEventSelector(String(decoding: $0, as: UTF8.self)) },
                    $0.value("line", Self.wrongForm) { Self.forms[String(decoding: $0, as: UTF8.self)] }
                )
            }
            var receipt = try await Self.ask { () throws(EvidenceError) in
                try await evidence.receipt(ofMessage: uuid, selector ?? .post)
            }
            if isRedacted == true { receipt.redact() }
            // Without a checkpoint there is no receipt: the proof was asked for up to the newest one.
            guard let text = receipt.proof.receipt(extra: receipt.line.bytes)?.bytes else {
                throw Refusal(EvidenceError.noCheckpoint)
            }
            return request.prefersJSON ? .json(EvidenceWriter.json(receipt, text: text)) : .text(text)
        }
    }

    /// Whether a receipt shows the line in its redacted form, or with what people wrote.
    private static let forms = ["whole": false, "redacted": true]
    private static let wrongForm = ValidationMessage.other("Must be whole or redacted.")
    private static let wrongEvent = ValidationMessage.other(
        "Must be post, edit, delete or erase, with a number behind a colon where there are several: edit:2."
    )
}

extension APIRequest {
    /// The message that the path names.
    var messageID: UUID128 {
        get throws(Refusal) {
            guard let uuid = UUID128(lenient: self.variable) else { throw Refusal("uuid", .notAUUID) }
            return uuid
        }
    }
}

extension Operation.Parameter {
    static let message = Self.path("uuid", "The message", format: "uuid")
}
