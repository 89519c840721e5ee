import HTTPTypes
import NIOCore
import Web

extension AdminEndpoints {
    /// `GET /admin/sign_in`: the form; 503 while the hub takes no commands, since Channelstream's own container check asks
    /// for this page.
    var signInForm: Endpoint {
        Endpoint(.get, "/admin/sign_in", for: .everybody) { (request, reply) throws(Refusal) in
            guard let trouble = self.trouble() else { return reply(AdminPages.signIn(request.proxy)) }
            var response = AdminPages.signIn(request.proxy, status: .serviceUnavailable, notice: trouble)
            response.headers[.retryAfter] = "5"
            reply(response)
        }
    }

    /// `POST /admin/sign_in`: the form, filled in.
    var signIn: Endpoint { Endpoint(.post, "/admin/sign_in", for: .everybody, making: self.signIn) }

    private func signIn(_ request: APIRequest) async throws(Refusal) -> APIResponse {
        let again = { (status: HTTPResponse.Status, notice: String) in
            AdminPages.signIn(request.proxy, status: status, notice: notice)
        }
        guard SameOriginCheck.passes(request) else {
            return again(.forbidden, "The form was sent by another site. Sign in here.")
        }
        let form = QueryParameters(Substring(String(decoding: request.body.readableBytesView, as: UTF8.self)))
        let user = SettingText.trimmed(form.string("username") ?? "")
        let password = SettingText.trimmed(form.string("password") ?? "")
        switch await self.sessions.signIn(user: user, password: password, from: request.remote) {
        case .granted(let cookie):
            let seconds = AdminSessions.lifetime / 1000
            return self.redirect(request, to: Self.overviewPath, setting: cookie, maximumAge: seconds)
        case .wrong:
            return again(.forbidden, "Wrong name or password.")
        case .tooMany:
            var response = again(.tooManyRequests, "Too many attempts; wait a few seconds.")
            response.headers[.retryAfter] = "2"
            return response
        }
    }

    /// `GET` and `POST /admin/sign_out`.
    func signOut(_ method: HTTPRequest.Method) -> Endpoint {
        Endpoint(method, "/admin/sign_out", for: .everybody, making: self.signOut)
    }

    private func signOut(_ request: APIRequest) async throws(Refusal) -> APIResponse {
        await self.sessions.signOut(request.headers)
        return self.redirect(request, to: AccessControl.signInPath, setting: "", maximumAge: 0)
    }

    private func redirect(
        _ request: APIRequest,
        to path: String,
        setting cookie: String,
        maximumAge: Int64
    ) -> APIResponse {
        let proxy = request.proxy
        var response = APIResponse.redirect(to: proxy.url(of: path))
        let prefix = proxy.prefix.isEmpty ? "/" : proxy.prefix
        let secure = proxy.scheme == "https" ? "; Secure" : ""
        response.headers[.setCookie] =
            "\(AdminSessions.cookieName)=\(cookie); Path=\(prefix); Max-Age=\(maximumAge); HttpOnly; SameSite=Lax\(secure)"
        return response
    }
}
