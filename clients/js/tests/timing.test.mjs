/** When the client comes back, by a clock that stands, a chance that is given, and sockets and answers that are made up. */
import assert from "node:assert/strict";
import test, {mock} from "node:test";
import {ChannelStreamConnection, ChannelStreamSigner, record} from "./support.mjs";

/** The newest ones come last. */
const sockets = [];
const fetches = [];

class ScriptedSocket {
    static OPEN = 1;
    readyState = 0;
    sent = [];

    constructor(url) {
        this.url = String(url);
        sockets.push(this);
    }

    send(text) {
        this.sent.push(text);
    }

    close() {
        this.isClosed = true;
    }

    open() {
        this.readyState = 1;
        this.onopen?.({type: "open"});
    }

    hear(...messages) {
        this.onmessage?.({data: JSON.stringify(messages)});
    }

    end(code) {
        this.readyState = 3;
        this.onclose?.({type: "close", code});
    }
}

/** A connection whose requests are answered by `answer(url)`: `{status, body, headers}`, or nothing for no network. */
function scripted(t, answer = () => ({body: {conn_id: `id-${fetches.length}`, channels: []}})) {
    mock.timers.enable({apis: ["setTimeout", "setInterval"]});
    let now = 0;
    mock.method(performance, "now", () => now);
    const chance = mock.method(Math, "random", () => 1);
    mock.method(globalThis, "fetch", async (url) => {
        fetches.push(String(url));
        const {status = 200, body = {}, headers = {}} = (await connection.answer(url)) ?? {status: 0};
        if (status === 0) throw new TypeError("no network");
        return new Response(JSON.stringify(body), {status, headers});
    });
    const real = globalThis.WebSocket;
    globalThis.WebSocket = ScriptedSocket;
    sockets.length = fetches.length = 0;
    const connection = Object.assign(new ChannelStreamConnection(), {
        connectUrl: "http://application/connect", websocketUrl: "http://hub/ws?a=b", answer,
    });
    const calls = record(connection);
    t.after(() => {
        connection.closeConnection();
        globalThis.WebSocket = real;
        mock.timers.reset();
        mock.restoreAll();
    });
    const settle = async () => {
        for (let turn = 0; turn < 50; turn++) await Promise.resolve();
        await new Promise((resolve) => setImmediate(resolve));
    };
    /** Lets milliseconds pass. */
    const pass = async (milliseconds) => {
        now += milliseconds;
        mock.timers.tick(milliseconds);
        await settle();
    };
    /** Connects, and opens the socket. */
    const open = async () => {
        connection.connect();
        await settle();
        sockets.at(-1).open();
    };
    return {connection, calls, pass, settle, open, chance};
}

test("the socket's URL has the conn_id, and the scheme of sockets", async (t) => {
    const {open} = scripted(t);
    await open();
    assert.equal(sockets[0].url, "ws://hub/ws?a=b&conn_id=id-1");
});

test("the delay is drawn from a time that doubles to a minute, and begins anew once something was heard", async (t) => {
    const {connection, pass, settle} = scripted(t, () => undefined);
    connection.connect();
    await settle();
    for (const ceiling of [2, 4, 8, 16, 32, 60, 60]) {
        const before = fetches.length;
        await pass(ceiling * 1000 - 1);
        assert.equal(fetches.length, before, `not before ${ceiling} seconds`);
        await pass(1);
        assert.equal(fetches.length, before + 1, `after ${ceiling} seconds`);
    }
    connection.answer = () => ({body: {conn_id: "id", channels: []}});
    await pass(60_000);
    sockets[0].open();
    sockets[0].hear({type: "message"});
    sockets[0].end(1006);
    await pass(2000);
    assert.equal(sockets.length, 2);
});

test("the jitter is full: by chance it comes back at once", async (t) => {
    const {chance, pass, open} = scripted(t);
    await open();
    sockets[0].hear();
    chance.mock.mockImplementation(() => 0);
    sockets[0].end(1006);
    await pass(0);
    assert.equal(sockets.length, 2);
});

for (const [value, seconds] of [["120", 120], [new Date(Date.now() + 90_000).toUTCString(), 88], ["soon", 0]]) {
    test(`Retry-After: ${/\d{4}/.test(value) ? "a date" : value} is honoured, and the jitter comes on top`, async (t) => {
        const {connection, pass, settle} = scripted(t, () => ({status: 503, headers: {"Retry-After": value}}));
        connection.connect();
        await settle();
        await pass(seconds * 1000);
        assert.equal(fetches.length, 1);
        await pass(4000);
        assert.equal(fetches.length, 2);
    });
}

for (const [code, seconds] of [[1001, 5], [1012, 5], [1013, 5], [1006, 2], [1011, 2]]) {
    test(`after ${code} the clients spread over ${seconds} seconds, and come back with the same conn_id`, async (t) => {
        const {pass, open} = scripted(t);
        await open();
        sockets[0].hear();
        sockets[0].end(code);
        await pass(seconds * 1000 - 1);
        assert.equal(sockets.length, 1);
        await pass(1);
        assert.equal(sockets[1].url, sockets[0].url);
        assert.equal(fetches.length, 1);
    });
}

for (const [code, why] of [[4000, "another socket took it over"], [1000, "the hub has ended the connection"]]) {
    test(`after ${code} (${why}) it connects anew`, async (t) => {
        const {pass, open} = scripted(t);
        await open();
        sockets[0].hear();
        sockets[0].end(code);
        await pass(2000);
        assert.equal(fetches.length, 2);
        assert.equal(sockets[1].url, "ws://hub/ws?a=b&conn_id=id-2");
    });
}

test("who was away for more than a minute does not ask for the old connection", async (t) => {
    const {pass, open} = scripted(t);
    await open();
    sockets[0].hear();
    await pass(60_000);
    sockets[0].end(1006);
    await pass(2000);
    assert.equal(fetches.length, 2);
});

test("as long as nobody is reached, the old connection is tried again", async (t) => {
    const {connection, pass, open} = scripted(t);
    await open();
    sockets[0].hear();
    connection.answer = () => undefined;
    sockets[0].end(1006);
    await pass(2000);
    sockets[1].end(1006);
    await pass(4000);
    assert.equal(fetches.length, 2, "the application, which does not answer");
    await pass(8000);
    assert.equal(sockets[2].url, sockets[0].url);
});

test("a hub that sends heartbeats and falls silent is left after 15 seconds, and its socket closed when there is another", async (t) => {
    const {connection, calls, pass, open} = scripted(t);
    await open();
    sockets[0].hear();
    await pass(14_000);
    sockets[0].hear();
    await pass(14_999);
    assert.ok(connection.connected);
    await pass(1);
    assert.equal(connection.connected, false);
    assert.equal(calls.named("listenClose")[0].values[0].reason, "nothing heard");
    await pass(2000);
    assert.equal(sockets[1].url, sockets[0].url);
    assert.equal(sockets[0].isClosed, undefined, "to close it would end the connection");
    sockets[1].open();
    assert.ok(sockets[0].isClosed);
});

test("a hub that sends no heartbeats may be silent", async (t) => {
    const {connection, pass, open} = scripted(t);
    await open();
    sockets[0].hear({type: "message"});
    await pass(600_000);
    assert.ok(connection.connected);
});

test("every ten seconds the hub is told that somebody is there, on the newest socket only", async (t) => {
    const {connection, pass, open} = scripted(t);
    await open();
    await pass(10_000);
    assert.deepEqual(sockets[0].sent, ['{"type":"heartbeat"}']);
    sockets[0].end(1006);
    await pass(2000);
    sockets[1].open();
    await pass(10_000);
    connection.heartbeats = false;
    await pass(10_000);
    assert.equal(sockets[0].sent.length, 1);
    assert.equal(sockets[1].sent.length, 1);
});

test("shouldReconnect = false stays away", async (t) => {
    const {connection, pass, open} = scripted(t);
    await open();
    connection.shouldReconnect = false;
    sockets[0].end(1006);
    await pass(600_000);
    assert.equal(sockets.length, 1);
    assert.equal(fetches.length, 1);
});

test("a second connect() takes the place of the first", async (t) => {
    const {connection, open, calls} = scripted(t);
    await open();
    await open();
    assert.ok(sockets[0].isClosed);
    assert.ok(connection.connected);
    assert.equal(calls.named("listenClose").length, 0);
});

test("a signature is that of itsdangerous.TimestampSigner", () => {
    for (const [seconds, secret, value, expected] of [
        [1500000000, "secret", "channelstream", "channelstream.WWgvAA.Wdn9UOS97QKLAj0-ZwyNwflAM1s"],
        [1600000000, "secret", "", ".X14QAA.3eoSzHEDpqVQaJci5wEH9uvQtYU"],
        [1600000000, "secret", "za\u017c\u00f3\u0142\u0107 \u{1f600}", "za\u017c\u00f3\u0142\u0107 \u{1f600}.X14QAA.qLxZQZOtJOfunwrpzT95rd74Sc0"],
    ]) {
        mock.method(Date, "now", () => seconds * 1000);
        assert.equal(new ChannelStreamSigner(secret).signRequest(value), expected);
        mock.restoreAll();
    }
});
