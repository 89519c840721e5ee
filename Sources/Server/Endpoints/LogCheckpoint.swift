import Archive
import EventLog
import Following
import HTTPTypes
import Hub
import Web

extension EvidenceEndpoints {
    /// `GET /log/checkpoint`: the newest signed checkpoint, a C2SP signed note.
    var checkpoint: Endpoint {
        let operation = Operation("log_checkpoint", "The newest signed checkpoint (C2SP signed note)", answers: .text)
        return self.endpoint("/log/checkpoint", for: self.access, operation) { (_, evidence) async throws(Refusal) in
            let newest = try await Self.ask { () throws(EvidenceError) in try await evidence.newestCheckpoint() }
            return .text(newest.note.bytes)
        }
    }
}
