import HTTPTypes
import Hub
import Web

extension AdminEndpoints {
    /// `GET` and `POST /admin/admin.json`: what the overview shows.
    func json(_ method: HTTPRequest.Method) -> Endpoint {
        let operation = Operation(
            method == .get ? "admin_json" : "admin_json_post",
            "What the admin page shows; for strangers 302 to the form",
            tag: "Admin API",
            answers: "AdminInfo",
            refusals: [503]
        )
        return Endpoint(method, "/admin/admin.json", for: .administratorPage, operation) {
            (request, reply) throws(Refusal) in
            self.sink.ask(.adminInfo) { answer in
                switch answer {
                case .json(let bytes):
                    var response = APIResponse.json(bytes)
                    response.headers[.cacheControl] = "no-store"
                    response.headers[.xContentTypeOptions] = "nosniff"
                    reply(response)
                case .unavailable(let reason): reply(.unavailable(reason))
                // No other reply answers `adminInfo`.
                case .invalid, .refused, .attached, .missed: reply(Refusal(.internalServerError, "Unexpected reply."))
                }
            }
        }
    }
}
