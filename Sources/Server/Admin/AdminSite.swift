import HTTPTypes
package import Hub
import NIOCore
package import Web

/// The admin pages: what a browser shows under `/admin` and `/api-explorer`, and `/admin/admin.json`.
///
/// ``handlers`` go into an ``APIHandler``.
package struct AdminSite: Sendable {
    private let sessions: AdminSessions
    private let access: AccessControl
    private let sink: any CommandSink
    private let trouble: @Sendable () -> String?

    /// Shares `sessions` with whoever else asks for admins; `access` lets backends see the pages with their signature.
    ///
    /// `trouble` says why the hub takes no commands, for everybody to read; nil while it does.
    package init(
        sessions: AdminSessions,
        access: AccessControl,
        sink: any CommandSink,
        trouble: @escaping @Sendable () -> String? = { nil }
    ) {
        self.sessions = sessions
        self.access = access
        self.sink = sink
        self.trouble = trouble
    }

    /// By path, as ``APIHandler`` takes them.
    package var handlers: [String: any RequestHandler] {
        var handlers: [String: any RequestHandler] = [:]
        for page in Page.allCases { handlers[page.rawValue] = Handler(site: self, page: page) }
        return handlers
    }

    fileprivate enum Page: String, CaseIterable {
        case overview = "/admin"
        case explorer = "/api-explorer"
        case json = "/admin/admin.json"
        case signIn = "/admin/sign_in"
        case signOut = "/admin/sign_out"
        /// Everything below.
        case assets = "/admin/assets/"

        var methods: [HTTPRequest.Method] {
            switch self {
            case .overview, .explorer, .assets: [.get]
            case .json, .signIn, .signOut: [.get, .post]
            }
        }
    }

    private struct Handler: RequestHandler {
        let site: AdminSite
        let page: Page

        var methods: [HTTPRequest.Method] { self.page.methods }

        func respond(to request: APIRequest) async -> APIResponse {
            switch self.page {
            case .overview: return self.site.forAdmins(request) { AdminPages.overview(request.proxy) }
            case .explorer: return self.site.forAdmins(request) { AdminPages.explorer(request.proxy) }
            case .json: return await self.site.json(request)
            case .signIn: return await self.site.signIn(request)
            case .signOut: return await self.site.signOut(request)
            case .assets: return AdminAssets.response(for: self.name(request.path)) ?? .notFound
            }
        }

        private func name(_ path: String) -> String {
            String(path.dropFirst(self.page.rawValue.count))
        }
    }
}

extension AdminSite {
    /// Lets in whoever has a good cookie or a good signature; sends strangers to the form.
    private func refusal(of request: APIRequest) -> APIResponse? {
        if self.sessions.isSignedIn(request.headers) { return nil }
        switch self.access.verdict(on: request) {
        case .granted: return nil
        case .badSignature: return AccessControl.Verdict.badSignature.refusal
        case .forbidden: return .redirect(to: request.proxy.url(of: Page.signIn.rawValue))
        }
    }

    private func forAdmins(_ request: APIRequest, _ page: () -> APIResponse) -> APIResponse {
        self.refusal(of: request) ?? page()
    }

    private func json(_ request: APIRequest) async -> APIResponse {
        if let refusal = self.refusal(of: request) { return refusal }
        switch await self.sink.ask(.adminInfo) {
        case .json(let bytes):
            var response = APIResponse.json(bytes)
            response.headers[.cacheControl] = "no-store"
            response.headers[.xContentTypeOptions] = "nosniff"
            return response
        case .unavailable(let reason): return .refusal(.serviceUnavailable, reason)
        // No other reply answers `adminInfo`.
        case .invalid, .refused, .attached, .missed: return .refusal(.internalServerError, "Unexpected reply.")
        }
    }

    // MARK: Signing in and out

    private func signIn(_ request: APIRequest) async -> APIResponse {
        guard request.method == .post else { return self.signInForm(request) }
        guard SameOriginCheck.passes(request) else {
            return AdminPages.signIn(
                request.proxy,
                status: .forbidden,
                notice: "The form was sent by another site. Sign in here."
            )
        }
        let form = QueryParameters(Substring(String(decoding: request.body.readableBytesView, as: UTF8.self)))
        let user = SettingText.trimmed(form.string("username") ?? "")
        let password = SettingText.trimmed(form.string("password") ?? "")
        switch await self.sessions.signIn(user: user, password: password, from: request.remote) {
        case .granted(let cookie):
            var response = APIResponse.redirect(to: request.proxy.url(of: Page.overview.rawValue))
            let seconds = AdminSessions.lifetime / 1000
            response.headers[.setCookie] = self.setCookie(cookie, maximumAge: seconds, request.proxy)
            return response
        case .wrong:
            return AdminPages.signIn(request.proxy, status: .forbidden, notice: "Wrong name or password.")
        case .tooMany:
            var response = AdminPages.signIn(
                request.proxy,
                status: .tooManyRequests,
                notice: "Too many attempts; wait a few seconds."
            )
            response.headers[.retryAfter] = "2"
            return response
        }
    }

    /// The form; 503 while the hub takes no commands, since Channelstream's own container check asks for this page.
    private func signInForm(_ request: APIRequest) -> APIResponse {
        guard let trouble = self.trouble() else { return AdminPages.signIn(request.proxy) }
        var response = AdminPages.signIn(request.proxy, status: .serviceUnavailable, notice: trouble)
        response.headers[.retryAfter] = "5"
        return response
    }

    private func signOut(_ request: APIRequest) async -> APIResponse {
        await self.sessions.signOut(request.headers)
        var response = APIResponse.redirect(to: request.proxy.url(of: Page.signIn.rawValue))
        response.headers[.setCookie] = self.setCookie("", maximumAge: 0, request.proxy)
        return response
    }

    private func setCookie(_ value: String, maximumAge: Int64, _ proxy: ProxyContext) -> String {
        let path = proxy.prefix.isEmpty ? "/" : proxy.prefix
        let secure = proxy.scheme == "https" ? "; Secure" : ""
        return
            "\(AdminSessions.cookieName)=\(value); Path=\(path); Max-Age=\(maximumAge); HttpOnly; SameSite=Lax\(secure)"
    }
}
