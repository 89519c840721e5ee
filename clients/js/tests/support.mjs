/** What the tests share: an application before a hub, and a proxy that loses connections on command. */
import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import {once} from "node:events";
import {randomUUID} from "node:crypto";

export const {ChannelStreamConnection, ChannelStreamSigner} = await loadModule();

/** The hub under test; `tools/clients-test` starts one. */
export const hub = new URL(process.env.CHANNELSTREAM_URL ?? "http://127.0.0.1:8000");
const signer = new ChannelStreamSigner(process.env.CHANNELSTREAM_SECRET ?? "secret");

/** The file itself says nothing of modules, since browsers know: Node has to be told. */
async function loadModule() {
    const {readFile} = await import("node:fs/promises");
    const text = await readFile(new URL("../channelstream.js", import.meta.url));
    return import(`data:text/javascript;base64,${text.toString("base64")}`);
}

export const unique = (name) => `${name}-${randomUUID().slice(0, 8)}`;

/** A signed call of the hub; throws unless it is answered with 200. */
export async function call(method, path, body) {
    const headers = {"X-Channelstream-Secret": signer.signRequest()};
    const response = await fetch(new URL(path, hub), {method, headers, body: body && JSON.stringify(body)});
    assert.equal(response.status, 200, `${method} ${path}`);
    return response.json();
}

export const say = async (channel, text) =>
    (await call("POST", "/message", [{user: "system", channel, message: {text}}]))[0];

/** Waits until `look` returns something that counts as true, and returns that. */
export async function eventually(look, what, seconds = 15) {
    const end = performance.now() + seconds * 1000;
    for (;;) {
        const found = await look();
        if (found) return found;
        assert.ok(performance.now() < end, `${what} within ${seconds} seconds`);
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}

const readAll = async (stream) => Buffer.concat(await stream.toArray()).toString();

/**
 * The backend of a chat, like that of upstream's demo: it asks the hub for what pages want.
 *
 * `answer` may be set to refuse: it gets the path, and returns `{status, headers}` or nothing.
 */
export class Application {
    answer = () => undefined;
    /** Paths that were asked for, in order. */
    asked = [];
    pages = new Map();

    static async start() {
        const application = new Application();
        application.server = http.createServer((request, response) => application.#respond(request, response));
        application.server.listen(0, "127.0.0.1");
        await once(application.server, "listening");
        application.url = `http://127.0.0.1:${application.server.address().port}`;
        return application;
    }

    stop() {
        this.server.close();
        this.server.closeAllConnections();
    }

    async #respond(request, response) {
        const {pathname: path} = new URL(request.url, this.url);
        const text = await readAll(request);
        if (request.method === "GET" && this.pages.has(path)) {
            response.writeHead(200, {"Content-Type": "text/html; charset=utf-8"});
            return response.end(this.pages.get(path));
        }
        this.asked.push(path);
        const refusal = this.answer(path);
        if (refusal) {
            response.writeHead(refusal.status, refusal.headers);
            return response.end("{}");
        }
        const body = text ? JSON.parse(text) : {};
        const answer = await this.#ask(request.method, path, body, request.headers);
        response.writeHead(answer ? 200 : 404, {"Content-Type": "application/json"});
        response.end(JSON.stringify(answer ?? {error: "no such call"}));
    }

    #ask(method, path, body, headers) {
        switch (path) {
            case "/connect":
                return call("POST", "/connect", {
                    username: body.username,
                    channels: body.channels,
                    user_state: {...body.state, agent: headers["x-agent"] ?? null},
                    channel_configs: Object.fromEntries(
                        body.channels.map((name) => [name, {store_history: true, notify_presence: true}]),
                    ),
                });
            case "/subscribe":
            case "/unsubscribe":
                return call("POST", path, {conn_id: body.conn_id, channels: body.channels});
            case "/user_state":
                return call("POST", path, {user: body.username, ...body.update_state});
            case "/message":
                return call(method, path, [body]);
        }
    }
}

/** A way to the hub that can be cut, closed, or made to let no websocket pass. */
export class Way {
    sockets = new Set();
    /** "open", "closed" (nothing comes through), or "no websockets". */
    state = "open";
    /** Request lines that came. */
    requests = [];

    static async start() {
        const way = new Way();
        way.server = net.createServer((socket) => way.#carry(socket));
        way.server.listen(0, "127.0.0.1");
        await once(way.server, "listening");
        way.url = `http://127.0.0.1:${way.server.address().port}`;
        return way;
    }

    stop() {
        this.cut();
        this.server.close();
    }

    /** All connections are lost, without a word. */
    cut() {
        for (const socket of this.sockets) socket.resetAndDestroy();
        this.sockets.clear();
    }

    #carry(client) {
        this.sockets.add(client);
        client.on("error", () => {});
        if (this.state === "closed") return client.resetAndDestroy();
        client.once("data", (head) => {
            const line = head.toString().split("\r\n")[0];
            this.requests.push(line);
            if (this.state === "no websockets" && line.startsWith("GET /ws")) {
                return client.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }
            const server = net.connect(Number(hub.port), hub.hostname);
            this.sockets.add(server);
            for (const [from, to] of [[client, server], [server, client]]) {
                from.on("error", () => to.destroy());
                from.on("close", () => to.destroy());
            }
            server.write(head);
            server.pipe(client);
            client.pipe(server);
        });
    }
}

/** A connection to the hub by way of an application and a proxy; `heard` is what it was sent, without heartbeats. */
export async function page(t, options = {}) {
    const [application, way] = [await Application.start(), await Way.start()];
    const connection = new ChannelStreamConnection();
    Object.assign(connection, {
        connectUrl: `${application.url}/connect`,
        subscribeUrl: `${application.url}/subscribe`,
        unsubscribeUrl: `${application.url}/unsubscribe`,
        userStateUrl: `${application.url}/user_state`,
        messageUrl: `${application.url}/message`,
        messageEditUrl: `${application.url}/message`,
        messageDeleteUrl: `${application.url}/message`,
        disconnectUrl: `${way.url}/disconnect`,
        websocketUrl: `${way.url}/ws`,
        longPollUrl: `${way.url}/listen`,
        username: unique("alice"),
        channels: [unique("room")],
        increaseBounceIv: 50,
        ...options,
    });
    const heard = [];
    const calls = record(connection);
    connection.listenMessageCallback = (messages) => heard.push(...messages);
    t.after(() => {
        connection.closeConnection();
        way.stop();
        application.stop();
    });
    const texts = () => heard.filter((one) => one.type === "message").map((one) => one.message.text);
    const hasHeard = (text) => eventually(() => texts().includes(text), `"${text}"`);
    return {connection, application, way, heard, texts, hasHeard, calls, room: connection.channels[0]};
}

/** Every callback's calls, by its name without "Callback". */
export function record(connection) {
    const calls = [];
    for (const name of Object.getOwnPropertyNames(ChannelStreamConnection.prototype)) {
        if (!name.endsWith("Callback")) continue;
        connection[name] = (...values) => calls.push({name: name.replace("Callback", ""), values});
    }
    calls.named = (name) => calls.filter((one) => one.name === name);
    calls.once = (name, count = 1) => eventually(() => calls.named(name).length >= count, `${count} x ${name}`);
    return calls;
}
