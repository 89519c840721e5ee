import HTTPTypes
import NIOCore
import Web

/// The scripts and the style of the admin pages, compiled in so that the server stays one file.
enum AdminAssets {
    /// Answers `/admin/assets/NAME`; nil for any other name.
    static func response(for name: String) -> APIResponse? {
        switch name {
        case "admin.js": self.response(self.common + self.overviewScript, "text/javascript; charset=utf-8")
        case "explorer.js": self.response(self.common + self.explorerScript, "text/javascript; charset=utf-8")
        case "admin.css": self.response(self.style, "text/css; charset=utf-8")
        default: nil
        }
    }

    private static func response(_ text: String, _ contentType: String) -> APIResponse {
        var headers = AdminPages.securityHeaders
        headers[.contentType] = contentType
        // They change with the server only, but a page must never meet the script of another release.
        headers[.cacheControl] = "no-cache"
        return APIResponse(status: .ok, headers: headers, body: ByteBuffer(string: text))
    }

    private static let common = #"""
        "use strict";

        const prefix = document.documentElement.dataset.prefix || "";
        const byID = (id) => document.getElementById(id);

        // Everything from the server becomes text nodes: names may hold any character, HTML included.
        function element(tag, text, className) {
            const node = document.createElement(tag);
            if (text !== undefined && text !== null) node.textContent = String(text);
            if (className) node.className = className;
            return node;
        }

        async function load(path) {
            const response = await fetch(prefix + path, {credentials: "same-origin", redirect: "manual"});
            if (response.type === "opaqueredirect" || response.status === 403) {
                location.assign(prefix + "/admin/sign_in");
                throw new Error("signed out");
            }
            if (!response.ok) throw new Error("HTTP " + response.status);
            return response.json();
        }

        function table(headings, rows) {
            const head = element("tr");
            for (const heading of headings) head.append(element("th", heading));
            const body = element("tbody");
            for (const row of rows) {
                const line = element("tr");
                for (const cell of row) {
                    const place = element("td");
                    place.append(cell instanceof Node ? cell : document.createTextNode(String(cell)));
                    line.append(place);
                }
                body.append(line);
            }
            const whole = element("table");
            whole.append(element("thead"));
            whole.tHead.append(head);
            whole.append(body);
            return whole;
        }


        """#

    private static let overviewScript = #"""
        // A page with ten thousand rows helps nobody: the field above finds the others.
        const shownRows = 200;
        const figures = [
            ["uptime", "Uptime"], ["version", "Version"], ["total_connections", "Connections"],
            ["unique_user_count", "Connected users"], ["remembered_user_count", "Known users"],
            ["total_channels", "Channels"], ["total_unique_messages", "Messages accepted"],
            ["total_messages", "Deliveries"],
        ];
        let data = null;

        function show() {
            if (!data) return;
            byID("figures").replaceChildren(...figures.map(([key, title]) => {
                const figure = element("div");
                figure.append(element("dt", title), element("dd", data[key]));
                return figure;
            }));
            const wanted = byID("filter").value.toLowerCase();
            const matches = (name) => name.toLowerCase().includes(wanted);
            const channels = Object.values(data.channels).filter((channel) => matches(channel.name))
                .sort((a, b) => b.total_connections - a.total_connections || (a.name < b.name ? -1 : 1));
            showTable("channels", channels, ["Name", "Connections", "Users", "History", "Last active", "Settings"],
                (channel) => [channel.name, channel.total_connections, channel.total_users, channel.history.length,
                    channel.last_active, Object.entries(channel.settings)
                        .filter(([, value]) => value !== false).map(([key, value]) =>
                            value === true ? key : key + " " + value).join(", ")]);
            const users = data.users.filter((user) => matches(user.user))
                .sort((a, b) => b.connections.length - a.connections.length || (a.user < b.user ? -1 : 1));
            showTable("users", users, ["Name", "Connections", "Public state"],
                (user) => [user.user, user.connections.length, JSON.stringify(user.state)]);
        }

        function showTable(id, items, headings, row) {
            const parts = [items.length ? table(headings, items.slice(0, shownRows).map(row)) : element("p", "none")];
            if (items.length > shownRows) parts.push(element("p", (items.length - shownRows) + " more"));
            byID(id).replaceChildren(...parts);
        }

        async function refresh() {
            // A hidden page asks for nothing.
            if (!document.hidden) {
                try {
                    data = await load("/admin/admin.json");
                    byID("status").textContent = "as of " + new Date().toLocaleTimeString();
                    show();
                } catch (error) {
                    byID("status").textContent = "no answer from the server: " + error.message;
                }
            }
            setTimeout(refresh, 2000);
        }

        byID("filter").addEventListener("input", show);
        refresh();
        """#

    private static let explorerScript = #"""
        function parameters(operation) {
            return (operation.parameters || []).map((parameter) => parameter.in === "body"
                ? "body: " + describe(parameter.schema)
                : parameter.name + " (" + parameter.in + (parameter.required ? ", required)" : ")")).join(", ");
        }

        function describe(schema) {
            if (!schema) return "JSON";
            if (schema.$ref) return schema.$ref.split("/").pop();
            if (schema.type === "array") return "list of " + describe(schema.items);
            return schema.type || "JSON";
        }

        function show(specification) {
            const rows = [];
            for (const [path, operations] of Object.entries(specification.paths)) {
                for (const [method, operation] of Object.entries(operations)) {
                    rows.push([method.toUpperCase(), path, operation.summary || "", parameters(operation),
                        (operation.security || []).length ? "signature" : ""]);
                }
            }
            byID("status").textContent = specification.info.title + " " + specification.info.version;
            byID("endpoints").replaceChildren(table(["Method", "Path", "What it does", "Takes", "Needs"], rows));
            byID("definitions").replaceChildren(...Object.entries(specification.definitions || {}).map(([name, schema]) => {
                const details = element("details");
                details.append(element("summary", name), element("pre", JSON.stringify(schema, null, 2)));
                return details;
            }));
        }

        load("/openapi.json").then(show, (error) => {
            byID("status").textContent = "no answer from the server: " + error.message;
        });
        """#

    private static let style = """
        :root { color-scheme: light dark; font: 16px/1.45 system-ui, sans-serif; }
        body { margin: 0 auto; max-width: 75rem; padding: 1rem; }
        nav { display: flex; flex-wrap: wrap; gap: 1rem; border-bottom: 1px solid #8888; padding-bottom: .5rem; }
        main.narrow { max-width: 20rem; margin: 10vh auto; }
        form label { display: block; margin-bottom: .75rem; }
        main.narrow input { display: block; width: 100%; box-sizing: border-box; }
        input, button { font: inherit; padding: .35rem .5rem; }
        .notice { border-left: .25rem solid #c33; padding-left: .75rem; }
        dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); gap: .75rem; }
        dt { font-size: .85rem; opacity: .75; }
        dd { margin: 0; font-size: 1.25rem; overflow-wrap: anywhere; }
        #channels, #users, #endpoints { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: .9rem; }
        th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; border-bottom: 1px solid #8884; }
        th { white-space: nowrap; }
        td { max-width: min(20rem, 45vw); overflow-wrap: break-word; }
        pre { overflow-x: auto; }

        """
}
