/** The client in a browser: Chromium, without a window, told what to do by its DevTools protocol. */
import assert from "node:assert/strict";
import test from "node:test";
import {execFileSync, spawn} from "node:child_process";
import {mkdtemp, readFile, rm} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {Application, call, eventually, hub, say, unique} from "./support.mjs";

const chromium = ["chromium", "chromium-browser", "google-chrome"].find((name) => {
    try {
        return execFileSync("which", [name]);
    } catch {
        return false;
    }
});
const skip = chromium ? false : "there is no Chromium";

class Browser {
    #answers = new Map();
    #count = 0;
    /** What pages wrote to their consoles, and what they threw. */
    console = [];

    static async start(t) {
        const browser = new Browser();
        const directory = await mkdtemp(join(tmpdir(), "browser-"));
        const options = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--no-proxy-server",
            "--remote-debugging-port=0", `--user-data-dir=${directory}`, "about:blank",
        ];
        const child = spawn(chromium, options, {stdio: "ignore"});
        t.after(async () => {
            child.kill("SIGKILL");
            await new Promise((resolve) => (child.exitCode === null ? child.once("exit", resolve) : resolve()));
            await rm(directory, {recursive: true, force: true, maxRetries: 20, retryDelay: 100});
        });
        const port = await eventually(
            () => readFile(join(directory, "DevToolsActivePort"), "utf8").catch(() => ""), "the browser's port", 30,
        );
        const [number, path] = port.split("\n");
        browser.socket = new WebSocket(`ws://127.0.0.1:${number}${path}`);
        browser.socket.onmessage = (event) => browser.#receive(JSON.parse(event.data));
        await new Promise((resolve) => (browser.socket.onopen = resolve));
        return browser;
    }

    #receive(message) {
        if (message.id) this.#answers.get(message.id)?.(message);
        const text = (value) => JSON.stringify(value.value ?? value.preview ?? value.description ?? null);
        if (message.method === "Runtime.consoleAPICalled") this.console.push(message.params.args.map(text).join(" "));
        if (message.method === "Runtime.exceptionThrown") {
            this.console.push(`thrown: ${JSON.stringify(message.params.exceptionDetails)}`);
        }
    }

    async send(method, params = {}, sessionId = undefined) {
        const id = ++this.#count;
        const answer = new Promise((resolve) => this.#answers.set(id, resolve));
        this.socket.send(JSON.stringify({id, method, params, sessionId}));
        const {result, error} = await answer;
        assert.equal(error, undefined, method);
        return result;
    }

    /** A tab that shows a page. */
    async open(url) {
        const {targetId} = await this.send("Target.createTarget", {url: "about:blank"});
        const {sessionId} = await this.send("Target.attachToTarget", {targetId, flatten: true});
        await this.send("Runtime.enable", {}, sessionId);
        await this.send("Page.navigate", {url}, sessionId);
        return {
            run: async (expression) => {
                const params = {expression, awaitPromise: true, returnByValue: true};
                const {result, exceptionDetails} = await this.send("Runtime.evaluate", params, sessionId);
                assert.equal(exceptionDetails, undefined, expression);
                return result.value;
            },
            close: () => this.send("Target.closeTarget", {targetId}),
        };
    }
}

const html = (script) => `<!DOCTYPE html><meta charset="utf-8"><script type="module">${script}</script>`;

test("the README's example runs as it stands, with the module that the hub serves", {skip}, async (t) => {
    const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
    const example = readme.match(/```js\n([\s\S]*?)```/)[1];
    const application = await Application.start();
    t.after(() => application.stop());
    application.pages.set("/", html(example.replaceAll("127.0.0.1:8000", hub.host)));
    const browser = await Browser.start(t);
    await browser.open(`${application.url}/`);
    await eventually(() => browser.console.some((line) => line.includes('"hello"')), "what alice said");
    assert.match(browser.console.find((line) => line.includes('"hello"')), /^"message" "alice"/);
});

test("tabs share one stream: one listens, all hear, and when it goes another one goes on", {skip}, async (t) => {
    const application = await Application.start();
    t.after(() => application.stop());
    const [user, room, other] = [unique("alice"), unique("room"), unique("other")];
    const script = `
        import {ChannelStreamConnection} from "${hub.origin}/static/channelstream/channelstream.js";
        const connection = window.connection = new ChannelStreamConnection();
        Object.assign(connection, {
            connectUrl: "/connect", subscribeUrl: "/subscribe", unsubscribeUrl: "/unsubscribe",
            websocketUrl: "${hub.origin}/ws", username: "${user}", channels: ["${room}"], shared: true,
            increaseBounceIv: 100,
        });
        window.texts = [];
        window.connects = 0;
        connection.connectCallback = () => window.connects++;
        connection.listenMessageCallback = (messages) => {
            window.texts.push(...messages.filter((one) => one.type === "message").map((one) => one.message.text));
            for (const message of messages) message.message = "changed by the application";
        };
        connection.connect();`;
    application.pages.set("/", html(script));
    const browser = await Browser.start(t);
    const open = async () => {
        const tab = await browser.open(`${application.url}/`);
        await eventually(() => tab.run("window.connection?.connected"), `a stream (${browser.console})`);
        return tab;
    };
    const hears = (tab, text) => eventually(() => tab.run(`texts.includes("${text}")`), `"${text}"`);
    const id = (tab) => tab.run("connection.connectionId");
    const connections = () => application.asked.filter((path) => path === "/connect").length;

    const first = await open();
    await say(room, "one");
    await hears(first, "one");
    const [second, third] = [await open(), await open()];
    assert.equal(connections(), 1);
    assert.equal(await id(second), await id(first));
    await hears(third, "one");
    await say(room, "two");
    for (const tab of [first, second, third]) await hears(tab, "two");
    assert.equal(await second.run("connection.websocket"), null);

    await second.run(`connection.subscribe(["${other}"])`);
    await eventually(() => first.run(`connection.channels.includes("${other}")`), "the channel in the other tab");
    await say(other, "elsewhere");
    for (const tab of [first, second, third]) await hears(tab, "elsewhere");

    await first.close();
    await eventually(async () => {
        await say(other, "later");
        return (await second.run('texts.includes("later")')) && (await third.run('texts.includes("later")'));
    }, "what is said after the listening tab is gone");
    assert.equal(await id(second), await id(third));
    assert.ok(connections() <= 2);

    const leads = (await second.run("connection.websocket !== null")) ? second : third;
    const stays = leads === second ? third : second;
    await leads.run("connection.disconnect()");
    await eventually(async () => {
        await say(other, "last");
        return stays.run('texts.includes("last")');
    }, "what is said after the listening tab has left");
    assert.equal(await leads.run('connection.connected || texts.includes("last")'), false);
    assert.deepEqual(browser.console.filter((line) => line.startsWith("thrown")), []);
});
