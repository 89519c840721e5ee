import HTTPTypes
package import Hub
import NIOCore
package import Web

/// The admin pages: what a browser shows under `/admin` and `/api-explorer`, and `/admin/admin.json`.
///
/// Everybody who is signed in, or has a backend's signature, sees the pages; strangers are sent to the form.
package struct AdminEndpoints: Sendable {
    let sessions: AdminSessions
    let sink: any CommandSink
    let trouble: @Sendable () -> String?

    /// `trouble` says why the hub takes no commands, for everybody to read; nil while it does.
    package init(
        sessions: AdminSessions,
        sink: any CommandSink,
        trouble: @escaping @Sendable () -> String? = { nil }
    ) {
        self.sessions = sessions
        self.sink = sink
        self.trouble = trouble
    }

    package var all: [Endpoint] {
        [
            self.overview, self.explorer, self.json(.get), self.json(.post), self.signInForm, self.signIn,
            self.signOut(.get), self.signOut(.post), self.assets,
        ]
    }
}

extension AdminEndpoints {
    static let overviewPath = "/admin"

    /// `GET /admin`.
    private var overview: Endpoint {
        Endpoint(.get, "/admin", for: .administratorPage) { (request, reply) throws(Refusal) in
            reply(AdminPages.overview(request.proxy))
        }
    }

    /// `GET /api-explorer`.
    private var explorer: Endpoint {
        Endpoint(.get, "/api-explorer", for: .administratorPage) { (request, reply) throws(Refusal) in
            reply(AdminPages.explorer(request.proxy))
        }
    }

    /// `GET /admin/assets/{name}`: the pages' scripts and their style.
    private var assets: Endpoint {
        Endpoint(.get, "/admin/assets/{name}", for: .everybody) { (request, reply) throws(Refusal) in
            guard let asset = AdminAssets.response(for: String(decoding: request.variable, as: UTF8.self)) else {
                throw .notFound
            }
            reply(asset)
        }
    }
}
