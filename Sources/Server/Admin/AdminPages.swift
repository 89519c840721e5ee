import HTTPTypes
import NIOCore
import Web

/// The HTML of the admin pages, with the headers that keep them safe.
///
/// Everything that comes from outside is put in by scripts as text, never as HTML, or escaped here. The scripts and the
/// style come from our own paths, so that the policy can forbid everything inline.
enum AdminPages {
    /// The sign-in form.
    static func signIn(_ proxy: ProxyContext, status: HTTPResponse.Status = .ok, notice: String? = nil) -> APIResponse {
        let noticeHTML = notice.map { "<p class=\"notice\" role=\"alert\">\(Self.escaped($0))</p>" } ?? ""
        return Self.page(
            proxy,
            status: status,
            title: "Sign in",
            script: nil,
            body: """
                <main class="narrow">
                <h1>Channelstream</h1>
                \(noticeHTML)
                <form action="\(Self.escaped(proxy.prefix))/admin/sign_in" method="post">
                <label>Name <input type="text" name="username" autocomplete="username" required autofocus></label>
                <label>Password
                <input type="password" name="password" autocomplete="current-password" required></label>
                <button type="submit">Sign in</button>
                </form>
                </main>
                """
        )
    }

    /// The overview, which its script fills from `/admin/admin.json`.
    static func overview(_ proxy: ProxyContext) -> APIResponse {
        Self.page(
            proxy,
            title: "Overview",
            script: "admin.js",
            body: """
                \(Self.navigation(proxy))
                <main>
                <h1>Overview</h1>
                <noscript><p class="notice">This page needs JavaScript; the figures are in
                <a href="\(Self.escaped(proxy.prefix))/admin/admin.json">admin.json</a>.</p></noscript>
                <p id="status" role="status">loading …</p>
                <dl id="figures"></dl>
                <label>Find <input type="search" id="filter" placeholder="part of a name"></label>
                <h2>Channels</h2>
                <div id="channels"></div>
                <h2>Connected users</h2>
                <div id="users"></div>
                </main>
                """
        )
    }

    /// The list of endpoints, which its script fills from `/openapi.json`.
    static func explorer(_ proxy: ProxyContext) -> APIResponse {
        Self.page(
            proxy,
            title: "API",
            script: "explorer.js",
            body: """
                \(Self.navigation(proxy))
                <main>
                <h1>API</h1>
                <noscript><p class="notice">This page needs JavaScript; the description is in
                <a href="\(Self.escaped(proxy.prefix))/openapi.json">openapi.json</a>.</p></noscript>
                <p id="status" role="status">loading …</p>
                <div id="endpoints"></div>
                <h2>Bodies</h2>
                <div id="definitions"></div>
                </main>
                """
        )
    }

    private static func navigation(_ proxy: ProxyContext) -> String {
        let prefix = Self.escaped(proxy.prefix)
        return """
            <nav><strong>Channelstream</strong>
            <a href="\(prefix)/admin">Overview</a>
            <a href="\(prefix)/api-explorer">API</a>
            <a href="\(prefix)/admin/sign_out">Sign out</a></nav>
            """
    }

    private static func page(
        _ proxy: ProxyContext,
        status: HTTPResponse.Status = .ok,
        title: String,
        script: String?,
        body: String
    ) -> APIResponse {
        let prefix = Self.escaped(proxy.prefix)
        let scriptHTML = script.map { "<script src=\"\(prefix)/admin/assets/\($0)\" defer></script>" } ?? ""
        let html = """
            <!DOCTYPE html>
            <html lang="en" data-prefix="\(prefix)">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title) · Channelstream</title>
            <link rel="stylesheet" href="\(prefix)/admin/assets/admin.css">
            \(scriptHTML)
            </head>
            <body>
            \(body)
            </body>
            </html>

            """
        var headers = Self.securityHeaders
        headers[.contentType] = "text/html; charset=utf-8"
        return APIResponse(status: status, headers: headers, body: ByteBuffer(string: html))
    }

    /// For everything below `/admin` that a browser shows.
    static let securityHeaders: HTTPFields = {
        var headers: HTTPFields = [
            .contentSecurityPolicy: "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
                + " form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            .xContentTypeOptions: "nosniff",
            .cacheControl: "no-store",
        ]
        // Not `no-referrer`: with that, browsers would post our own form with `Origin: null`.
        for (name, value) in [("Referrer-Policy", "same-origin"), ("X-Frame-Options", "DENY")] {
            if let field = HTTPField.Name(name) { headers[field] = value }
        }
        return headers
    }()

    /// Text for HTML, between tags and in quoted attributes.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
