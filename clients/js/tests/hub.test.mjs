/** The client and a real hub. */
import assert from "node:assert/strict";
import test from "node:test";
import {ChannelStreamConnection, call, eventually, page, say, unique} from "./support.mjs";

test("an application of 0.7.1 finds every property, method and callback that it may use", () => {
    const connection = new ChannelStreamConnection();
    const properties = {
        debug: false, channels: [], username: "Anonymous", connectionId: null, websocket: null, websocketUrl: "",
        connectUrl: "", disconnectUrl: "", subscribeUrl: "", unsubscribeUrl: "", userStateUrl: "", messageUrl: "",
        messageEditUrl: "", messageDeleteUrl: "", longPollUrl: "", shouldReconnect: true, heartbeats: true,
        increaseBounceIv: 2000, noWebsocket: false, connected: false,
        mutators: {
            connect: [], message: [], messageEdit: [], messageDelete: [], subscribe: [], unsubscribe: [], disconnect: [],
            userState: [],
        },
    };
    for (const [name, value] of Object.entries(properties)) assert.deepEqual(connection[name], value, name);
    const methods = `connect addMutator updateUserState subscribe unsubscribe calculateSubscribe calculateUnsubscribe
        disconnect message delete edit startListening beforeListeningCallback openWebsocket openLongPoll retryConnection
        closeConnection connectionClosedCallback channelsChangedCallback listenOpenedCallback createHeartBeats
        connectErrorCallback listenMessageCallback listenCloseCallback listenErrorCallback connectCallback
        disconnectCallback messageCallback messageErrorCallback messageEditCallback messageEditErrorCallback
        messageDeleteCallback messageDeleteErrorCallback subscribeCallback subscribeErrorCallback unsubscribeCallback
        unsubscribeErrorCallback setUserStateCallback setUserStateErrorCallback`;
    for (const name of methods.split(/\s+/)) assert.equal(typeof connection[name], "function", name);
    assert.equal(typeof ChannelStreamConnection.version, "string");
});

for (const noWebsocket of [false, true]) {
    test(`a chat goes on as upstream's demo has it, ${noWebsocket ? "polling" : "by websocket"}`, async (t) => {
        const {connection, room, heard, hasHeard, calls} = await page(t, {noWebsocket});
        connection.addMutator("connect", (request) => {
            request.body.state = {email: "a@example.org", status: "ready"};
            request.headers.push({name: "X-Agent", value: "demo"});
        });
        connection.connect();
        await calls.once("listenOpened");
        assert.ok(connection.connected);
        assert.deepEqual(calls.map((one) => one.name), [
            "channelsChanged", "connect", "beforeListening", "listenOpened",
        ]);
        const [request, data] = calls.named("connect")[0].values;
        assert.equal(request.status, 200);
        assert.deepEqual(JSON.parse(request.responseText), data);
        assert.equal(request.getResponseHeader("content-type"), "application/json");
        assert.deepEqual(data.state, {email: "a@example.org", status: "ready", agent: "demo"});
        assert.equal(connection.connectionId, data.conn_id);

        connection.message({user: connection.username, channel: room, message: {text: "hello"}});
        await hasHeard("hello");
        const {uuid} = heard.find((one) => one.type === "message" && one.message.text === "hello");
        connection.edit({uuid, channel: room, message: {text: "hello there"}});
        await eventually(() => heard.find((one) => one.type === "message:edit" && one.uuid === uuid), "the edit");
        connection.delete({uuid, channel: room});
        await eventually(() => heard.find((one) => one.type === "message:delete" && one.uuid === uuid), "the deletion");
        await calls.once("messageDelete");
        assert.equal(calls.named("message")[0].values[1][0].uuid, uuid);
        assert.equal(calls.named("messageEdit").length, 1);

        const other = unique("other");
        assert.deepEqual(connection.calculateSubscribe([room, other]), [other]);
        connection.subscribe([other]);
        await calls.once("subscribe");
        assert.deepEqual(connection.channels, [room, other].sort());
        await say(other, "elsewhere");
        await hasHeard("elsewhere");
        assert.deepEqual(connection.calculateUnsubscribe(), []);
        assert.deepEqual(connection.calculateUnsubscribe([other, "never"]), [other]);
        connection.unsubscribe([other]);
        await calls.once("unsubscribe");
        assert.deepEqual(connection.channels, [room]);
        assert.deepEqual(calls.named("unsubscribe")[0].values[1].unsubscribed_from, [other]);

        connection.updateUserState({user_state: {status: "away"}});
        await calls.once("setUserState");
        assert.equal(calls.named("setUserState")[0].values[1].user_state.status, "away");

        const id = connection.connectionId;
        connection.disconnect();
        assert.equal(connection.connected, false);
        await calls.once("disconnect");
        assert.equal(calls.named("connectionClosed").length, 1);
        await assert.rejects(call("POST", "/unsubscribe", {conn_id: id, channels: ["x"]}), "the hub has forgotten it");
    });
}

test("what fails is told, with what the server said", async (t) => {
    const {connection, application, calls} = await page(t);
    connection.connect();
    await calls.once("listenOpened");
    application.answer = () => ({status: 400});
    connection.message({});
    connection.edit({});
    connection.delete({});
    connection.subscribe(["x"]);
    connection.unsubscribe(["x"]);
    connection.updateUserState({});
    for (const kind of ["message", "messageEdit", "messageDelete", "subscribe", "unsubscribe", "setUserState"]) {
        await calls.once(`${kind}Error`);
        assert.equal(calls.named(`${kind}Error`)[0].values[0].status, 400);
        assert.equal(calls.named(kind).length, 0);
    }
    connection.subscribe();
    connection.subscribe([]);
    assert.equal(application.asked.filter((path) => path === "/subscribe").length, 1, "nothing to subscribe to");
});

for (const noWebsocket of [false, true]) {
    test(`who loses the network comes back with the same conn_id and misses nothing, ${noWebsocket ? "polling" : "by websocket"}`, async (t) => {
        const {connection, application, way, room, texts, hasHeard, calls} = await page(t, {noWebsocket});
        connection.connect();
        await calls.once("listenOpened");
        const id = connection.connectionId;
        await say(room, "one");
        await hasHeard("one");
        way.state = "closed";
        way.cut();
        await calls.once(noWebsocket ? "listenError" : "listenClose");
        // Only the way is closed, and the application as well: as where the network of the page is gone.
        application.answer = () => ({status: 503});
        await say(room, "two");
        way.state = "open";
        await hasHeard("two");
        await say(room, "three");
        await hasHeard("three");
        assert.equal(connection.connectionId, id);
        assert.deepEqual([...new Set(texts())], ["one", "two", "three"]);
    });
}

test("whose connection the hub has forgotten connects anew, with the channels of last time", async (t) => {
    const {connection, way, room, hasHeard, calls} = await page(t);
    connection.connect();
    await calls.once("listenOpened");
    connection.subscribe(["second"]);
    await calls.once("subscribe");
    const id = connection.connectionId;
    way.state = "closed";
    way.cut();
    await calls.once("listenClose");
    await call("GET", `/disconnect?conn_id=${id}`);
    way.state = "open";
    await calls.once("connect", 2);
    assert.notEqual(connection.connectionId, id);
    assert.deepEqual(connection.channels, [room, "second"].sort());
    await calls.once("listenOpened", 2);
    await say(room, "again");
    await hasHeard("again");
});

test("who is disconnected by the backend asks the application, which decides", async (t) => {
    const {connection, application, calls} = await page(t);
    connection.connect();
    await calls.once("listenOpened");
    application.answer = () => ({status: 403});
    await call("GET", `/disconnect?conn_id=${connection.connectionId}`);
    await calls.once("connectError");
    assert.equal(calls.named("connectError")[0].values[0].status, 403);
    assert.equal(connection.connected, false);
});

test("where something on the way lets no websocket pass, it polls", async (t) => {
    const {connection, way, room, hasHeard, calls} = await page(t);
    way.state = "no websockets";
    connection.connect();
    await calls.once("listenOpened");
    await say(room, "polled");
    await hasHeard("polled");
    assert.equal(connection.noWebsocket, false, "that is for the application to say");
    way.cut();
    await calls.once("listenError");
    await say(room, "polled again");
    await hasHeard("polled again");
    assert.equal(way.requests.filter((line) => line.startsWith("GET /ws")).length, 1);
    assert.equal(calls.named("connect").length, 1);
});

test("disconnect() while connect() is under way wins", async (t) => {
    const {connection, application, calls} = await page(t);
    connection.connect();
    connection.disconnect();
    await eventually(() => application.asked.includes("/connect"), "the request");
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual(calls.map((one) => one.name), ["connectionClosed"]);
    assert.equal(connection.connected, false);
});

test("a callback that disconnects ends it, whichever it is", async (t) => {
    for (const name of ["connect", "beforeListening", "listenOpened", "listenClose", "connectError"]) {
        const {connection, application, way, calls} = await page(t);
        const callback = connection[`${name}Callback`];
        connection[`${name}Callback`] = (...values) => {
            callback(...values);
            connection.disconnect();
        };
        if (name === "connectError") application.answer = () => ({status: 500});
        connection.connect();
        if (name === "listenClose") {
            await calls.once("listenOpened");
            way.cut();
        }
        await calls.once("connectionClosed");
        const asked = application.asked.length + way.requests.length;
        await new Promise((resolve) => setTimeout(resolve, 300));
        assert.equal(connection.connected, false, name);
        assert.ok(application.asked.length + way.requests.length <= asked + 1, `${name}: at most /disconnect follows`);
    }
});
