import FanOut
import Following
import Web

/// The table of endpoints, in the order in which it is described.
struct AllEndpoints: Sendable {
    let hub: HubEndpoints
    let lookBack: LookBack
    let listen: ListenEndpoints
    let evidence: EvidenceEndpoints
    let log: LogEndpoints
    let admin: AdminEndpoints
    let erase: EraseEndpoint

    var all: [Endpoint] {
        let endpoints =
            self.hub.all + self.lookBack.all + self.listen.all + self.evidence.all + self.log.all
            + [self.log.metrics] + self.admin.all + [self.erase.endpoint, ClientModule.endpoint]
        return OpenAPI.describing(endpoints, version: ProductVersion.text)
    }
}
