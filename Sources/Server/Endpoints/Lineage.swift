import Archive
import Following
import HTTPTypes
import Projections
import RawJSON
import Web

extension LookBack {
    /// `GET /message/{uuid}/lineage`: a message's post, edits, deletion and erasure.
    var messageLineage: Endpoint {
        let operation = Operation(
            "message_lineage",
            "A message's post, edits, deletion and erasure",
            parameters: [.message, .number("after", "Only events after this one"), .asOf],
            answers: "MessageLineage",
            refusals: [404, 410, 422, 500]
        )
        return Endpoint(.get, "/message/{uuid}/lineage", for: .backend, operation, from: self.gate) {
            (request, log) async throws(Refusal) in
            let uuid = try request.messageID
            let (after, asOf) = try Parameters.read(request.query) { ($0.number("after") ?? 0, AsOf.read(&$0)) }
            return try await self.look(into: log) { view in
                let asOf = try self.position(asOf, view)
                guard let lineage = try MessageLineage(of: uuid, after: after, asOf: asOf, in: view) else {
                    throw LookBackError.unknownMessage
                }
                var writer = JSONWriter(capacity: 4096)
                LookBackWriter.write(lineage, into: &writer)
                return writer.bytes
            }
        }
    }
}
