@testable import Web

extension Router {
    /// Some endpoints and no others, with a clock that stands.
    convenience init(
        _ endpoints: [Endpoint],
        settings: APISettings = APISettings(),
        nodes: NodeAccess? = nil,
        isSignedIn: @escaping @Sendable (APIRequest) -> Bool = { _ in false },
        now: Int64
    ) {
        let access = AccessControl(settings, nodes: nodes, isSignedIn: isSignedIn, now: { now })
        self.init(EndpointTable(endpoints), access: access, settings: settings)
    }
}
