import Archive
import EventLog
import Following
import HTTPTypes
import Hub
import LogValues
import Web

extension EvidenceEndpoints {
    /// `GET /log/proof/inclusion`: proves that a line is in the log, as C2SP tlog-proof or as JSON.
    var inclusionProof: Endpoint {
        let operation = Operation(
            "log_inclusion",
            "Proves that a line is in the log (C2SP tlog-proof, or JSON)",
            parameters: [
                .number("seq", "The line's number", minimum: 1, isRequired: true),
                .number("size", "The log's size; by default that of the newest checkpoint"),
            ],
            answers: .textOr("InclusionProof"),
            refusals: [422]
        )
        return self.endpoint("/log/proof/inclusion", for: .backend, operation) {
            (request, evidence) async throws(Refusal) in
            let (line, size) = try Parameters.read(request.query) {
                (SequenceNumber($0.requiredNumber("seq", atLeast: 1)), $0.number("size"))
            }
            let proof = try await Self.ask { () throws(EvidenceError) in
                try await evidence.inclusion(of: line, inFirst: size)
            }
            guard !request.prefersJSON else { return .json(EvidenceWriter.json(proof)) }
            guard let receipt = proof.receipt() else { throw Refusal(EvidenceError.noCheckpointOfSize(proof.size)) }
            return .text(receipt.bytes)
        }
    }
}
