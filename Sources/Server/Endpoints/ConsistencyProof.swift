import Archive
import EventLog
import Following
import HTTPTypes
import Hub
import Web

extension EvidenceEndpoints {
    /// `GET /log/proof/consistency`: proves that the log only grew, as a C2SP witness takes it or as JSON.
    var consistencyProof: Endpoint {
        let operation = Operation(
            "log_consistency",
            "Proves that the log only grew (as a C2SP witness takes it, or JSON)",
            parameters: [
                .number("from", "The smaller size", isRequired: true),
                .number("to", "The larger size; by default that of the newest checkpoint"),
            ],
            answers: .textOr("ConsistencyProof"),
            refusals: [422]
        )
        return self.endpoint("/log/proof/consistency", for: self.access, operation) {
            (request, evidence) async throws(Refusal) in
            let (from, to) = try Parameters.read(request.query) { ($0.requiredNumber("from"), $0.number("to")) }
            let proof = try await Self.ask { () throws(EvidenceError) in
                try await evidence.consistency(from: from, to: to)
            }
            guard !request.prefersJSON else { return .json(EvidenceWriter.json(proof)) }
            guard let receipt = proof.receipt else { throw Refusal(EvidenceError.noCheckpointOfSize(proof.newSize)) }
            return .text(receipt.bytes)
        }
    }
}
