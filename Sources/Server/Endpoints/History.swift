import Archive
import Following
import HTTPTypes
import Projections
import RawJSON
import Web

extension LookBack {
    /// `GET /channels/{name}/history`: the messages of a channel over all of time, a page of them.
    var channelHistory: Endpoint {
        let operation = Operation(
            "channel_history",
            "The messages of a channel over all of time, a page of them",
            parameters: [
                .path("name", "The channel"), .number("before", "Only events before this one"),
                .number("after", "Only events after this one; alone: oldest first"),
                .number("limit", "How many messages: 50, or what is said", minimum: 1, maximum: 500), .asOf,
            ],
            answers: "ChannelHistory",
            refusals: [404, 410, 422, 500]
        )
        return Endpoint(.get, "/channels/{name}/history", for: .backend, operation, from: self.gate) {
            (request, log) async throws(Refusal) in
            let channel = ChannelName(utf8: request.variable)
            let query = try Parameters.read(request.query) { HistoryQuery(&$0) }
            return try await self.look(into: log) { view in
                let asOf = try self.position(query.asOf, view)
                guard let page = try ChannelHistory(view: view, channel: channel, range: query.range, asOf: asOf).page()
                else {
                    throw LookBackError.unknownChannel
                }
                var writer = JSONWriter(capacity: 16 << 10)
                LookBackWriter.write(page, of: channel, into: &writer)
                return writer.bytes
            }
        }
    }
}
