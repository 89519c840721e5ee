import Archive
import EventLog
import Following
import HTTPTypes
import Hub
import Web

extension EvidenceEndpoints {
    /// `GET /log/key`: the public key that signs the log's checkpoints; it is good for something only if everybody has it.
    var key: Endpoint {
        let operation = Operation(
            "log_key",
            "The public key that the log's checkpoints are signed with",
            tag: "Evidence",
            answers: .text
        )
        return Endpoint(.get, "/log/key", for: .everybody, operation, from: self.gate) {
            (_, log) async throws(Refusal) in
            .text(Array("\(log.key.verifierKey.text)\n".utf8))
        }
    }
}
