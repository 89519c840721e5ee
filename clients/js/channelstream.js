/**
 * Channelstream's client for browsers: one ES module without dependencies and without a build.
 *
 * `ChannelStreamConnection` and `ChannelStreamSigner` are those of Channelstream 0.7.1, with the same properties,
 * mutators and callbacks. What they do beyond that stands in README.md; the types in channelstream.d.ts.
 */

const version = "1.0.0";

/** What a client waits at most between two attempts, in milliseconds, unless the server asks for more. */
const longestDelay = 60_000;
/** What a server may ask for at most with `Retry-After`, in milliseconds. */
const longestHint = 600_000;
/** When a server that goes away, restarts or is busy says so to all its clients at once, they spread over this time. */
const crowdSpread = 5_000;
/** Close codes by which a server says that: going away, service restart, try again later. */
const crowdCodes = [1001, 1012, 1013];
/** Another socket took the connection over. To take it back would be a quarrel without an end. */
const replacedCode = 4000;
/** No request may take longer; a long poll takes about five seconds. */
const requestTimeout = 30_000;
/** After that long without a sign of the hub, it surely does not know a `conn_id` any more. In milliseconds. */
const resumableFor = 60_000;
/** The hub sends an empty list about every five seconds. In milliseconds. */
const silenceLimit = 15_000;
/** How many messages a tab keeps for others that join its stream. */
const keptForTabs = 1_000;

/**
 * @param {string} url
 * @param {string | null} connectionId
 * @returns {URL}
 */
function listeningURL(url, connectionId) {
    const whole = new URL(url, globalThis.location?.href);
    whole.searchParams.set("conn_id", String(connectionId));
    return whole;
}

/**
 * The milliseconds that `Retry-After` asks for.
 *
 * @param {ChannelStreamAnswer} answer
 * @returns {number}
 */
function hintOf(answer) {
    const text = answer.getResponseHeader("Retry-After");
    if (!text) return 0;
    const delay = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
    return delay > 0 ? Math.min(delay, longestHint) : 0;
}

/** The answer to a request, in the shape of an XMLHttpRequest that is done: upstream hands one to its callbacks. */
class ChannelStreamAnswer {
    /** @type {Headers | null} */
    #headers = null;
    #controller = new AbortController();

    readyState = 1;
    /** 0 while there is no answer, and if there was none. */
    status = 0;
    statusText = "";
    responseText = "";
    responseURL = "";

    get response() {
        return this.responseText;
    }

    /** @param {string} name */
    getResponseHeader(name) {
        return this.#headers?.get(name) ?? null;
    }

    getAllResponseHeaders() {
        return [...(this.#headers ?? [])].map(([name, value]) => `${name}: ${value}\r\n`).join("");
    }

    /** Gives the request up; nobody is called any more. */
    abort() {
        this.#controller.abort();
    }

    get isAborted() {
        return this.#controller.signal.aborted;
    }

    /**
     * @param {string} url
     * @param {RequestInit} options
     */
    async fetch(url, options) {
        // One signal for both, since AbortSignal.any() is missing in browsers of 2023.
        const controller = new AbortController();
        const stop = () => controller.abort();
        this.#controller.signal.addEventListener("abort", stop);
        const timer = setTimeout(stop, requestTimeout);
        try {
            const response = await fetch(url, {...options, signal: controller.signal});
            this.responseText = await response.text();
            this.#headers = response.headers;
            this.responseURL = response.url;
            this.statusText = response.statusText;
            this.status = response.status;
        } catch {
            // There is no answer, which status 0 says.
        } finally {
            clearTimeout(timer);
            this.readyState = 4;
        }
    }
}

/** A request as mutators see it, before it is sent. */
class ChannelStreamRequest {
    /** @type {{name: string, value: string}[]} */
    headers = [];
    /** @type {any} */
    body = null;
    url = "";
    /**
     * Of `fetch`: "include" sends cookies to other origins too.
     *
     * @type {RequestCredentials}
     */
    credentials = "same-origin";
    /** @type {ChannelStreamAnswer | null} */
    request = null;

    /**
     * @param {string} url
     * @param {any} body
     */
    constructor(url, body = null) {
        this.url = url;
        this.body = body;
    }

    /**
     * @param {ChannelStreamAnswer} _answer
     * @param {any} _data
     */
    handleError(_answer, _data) {}

    /**
     * @param {ChannelStreamAnswer} _answer
     * @param {any} _data
     */
    handleResponse(_answer, _data) {}

    /** @param {string} [verb] */
    async execute(verb) {
        const answer = (this.request = new ChannelStreamAnswer());
        const headers = new Headers();
        for (const {name, value} of this.headers) headers.append(name, value);
        if (this.body && !headers.has("Content-Type")) headers.set("Content-Type", "application/json");
        await answer.fetch(this.url, {
            method: verb || (this.body ? "POST" : "GET"),
            headers,
            body: this.body ? JSON.stringify(this.body) : undefined,
            credentials: this.credentials,
            cache: "no-store",
        });
        if (answer.isAborted) return;
        let data;
        try {
            data = JSON.parse(answer.responseText);
        } catch {
            data = answer.responseText;
        }
        if (answer.status >= 200 && answer.status < 400) this.handleResponse(answer, data);
        else this.handleError(answer, data);
    }
}

/**
 * One stream for all tabs of an origin: the tab that holds the lock listens, and tells the others what it hears.
 *
 * When it goes, the browser gives the lock to another one.
 */
class SharedStream {
    /**
     * What the stream began with: the answer to connect().
     *
     * @type {any}
     */
    answer = null;
    /**
     * What was heard since, so that a tab that joins is where the others are.
     *
     * @type {any[]}
     */
    messages = [];
    leads = false;
    isOpen = false;
    #abort = new AbortController();
    #release = () => {};

    static get isPossible() {
        return typeof BroadcastChannel !== "undefined" && Boolean(globalThis.navigator?.locks);
    }

    /**
     * @param {string} name
     * @param {{lead: () => void, join: (messages: any[]) => void, hear: (message: any) => void}} tab
     */
    constructor(name, tab) {
        this.tab = tab;
        this.channel = new BroadcastChannel(name);
        this.channel.onmessage = (event) => this.#receive(event.data);
        navigator.locks
            .request(name, {signal: this.#abort.signal}, () => {
                this.leads = true;
                tab.lead();
                return new Promise((resolve) => (this.#release = () => resolve(undefined)));
            })
            .catch((error) => {
                // The tab stopped waiting. Anything else is a mistake that has to be seen.
                if (!this.#abort.signal.aborted) throw error;
            });
        this.channel.postMessage({type: "hello"});
    }

    /**
     * The leading tab has connected: this is a stream from its beginning.
     *
     * @param {any} answer
     */
    begin(answer) {
        this.answer = answer;
        this.messages = [];
        this.#tellAll();
    }

    /**
     * The leading tab, or one that changed the channels, tells what it heard.
     *
     * @param {any} message
     */
    tell(message) {
        this.#note(message);
        this.channel.postMessage(message);
    }

    stop() {
        this.#abort.abort();
        this.#release();
        this.channel.close();
    }

    #tellAll() {
        this.channel.postMessage({type: "stream", answer: this.answer, messages: this.messages, isOpen: this.isOpen});
    }

    /** @param {any} message */
    #note(message) {
        if (message.type === "messages") {
            // Copies, since what the application does to its own must not reach other tabs.
            this.messages = [...this.messages, ...structuredClone(message.messages)].slice(-keptForTabs);
        }
        if (message.type === "channels" && this.answer) this.answer = {...this.answer, channels: message.channels};
        if (message.type === "opened") this.isOpen = true;
        if (message.type === "closed") this.isOpen = false;
    }

    /** @param {any} message */
    #receive(message) {
        if (message.type === "hello") {
            if (this.leads && this.answer) this.#tellAll();
        } else if (message.type === "stream") {
            // It is for those who have just come, and for all when it is another stream than before.
            if (this.leads || this.answer?.conn_id === message.answer.conn_id) return;
            this.answer = message.answer;
            this.messages = message.messages;
            this.isOpen = message.isOpen;
            this.tab.join(message.messages);
        } else if (this.answer) {
            this.#note(message);
            this.tab.hear(message);
        }
    }
}

export class ChannelStreamConnection {
    static get version() {
        return version;
    }

    /** Writes what the callbacks that nobody has set are called with to the console. */
    debug = false;
    /**
     * Channels that the user should be subscribed to.
     *
     * @type {string[]}
     */
    channels = [];
    username = "Anonymous";
    /**
     * The hub's name for the connection; null before the first connect().
     *
     * @type {string | null}
     */
    connectionId = null;
    /** @type {WebSocket | null} */
    websocket = null;
    /** URLs of the hub. */
    websocketUrl = "";
    longPollUrl = "";
    disconnectUrl = "";
    /** URLs of your application, which asks the hub. */
    connectUrl = "";
    subscribeUrl = "";
    unsubscribeUrl = "";
    userStateUrl = "";
    messageUrl = "";
    messageEditUrl = "";
    messageDeleteUrl = "";
    shouldReconnect = true;
    heartbeats = true;
    /** The first delay before a new attempt is at most that long, and each next one twice as long. In milliseconds. */
    increaseBounceIv = 2000;
    /** Polls, though there are websockets. */
    noWebsocket = false;
    connected = false;
    /**
     * One stream for all tabs of an origin that say so: a name, or true for those of one `connectUrl` and `username`.
     *
     * @type {boolean | string}
     */
    shared = false;
    /**
     * Functions that change a request before it is sent, by kind.
     *
     * @type {Record<string, ((request: any) => void)[]>}
     */
    mutators = {
        connect: [],
        message: [],
        messageEdit: [],
        messageDelete: [],
        subscribe: [],
        unsubscribe: [],
        disconnect: [],
        userState: [],
    };

    /** Counts connect() and closeConnection(): what was begun before the last one counts no more. */
    #epoch = 0;
    #attempts = 0;
    /** Whether the next attempt may go on with the same `conn_id`. */
    #mayResume = false;
    #lastHeard = -Infinity;
    /** Whether something on the way let no websocket pass. */
    #polls = false;
    /**
     * The long poll that is under way.
     *
     * @type {ChannelStreamRequest | null}
     */
    #poll = null;
    /**
     * A socket that fell silent, until there is a new one: to close it would end the connection.
     *
     * @type {WebSocket | null}
     */
    #silent = null;
    /** @type {SharedStream | null} */
    #stream = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #retryTimer;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #silenceTimer;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    #heartbeatTimer;

    /** The network is back: there is no reason to wait longer, but others are back as well. */
    #online = () => {
        if (this.#retryTimer !== undefined) this.#attemptIn(Math.random() * 1000);
    };

    /**
     * @param {string} type
     * @param {(request: any) => void} mutator
     */
    addMutator(type, mutator) {
        this.mutators[type].push(mutator);
    }

    // What an application asks for

    /** Asks the application for a connection, and listens on it. */
    connect() {
        this.#stop();
        globalThis.addEventListener?.("online", this.#online);
        this.#attempts = 0;
        this.#mayResume = false;
        if (this.shared && SharedStream.isPossible) this.#share();
        else this.#requestConnection();
    }

    /** Ends the connection. In a shared stream, leaves it: the other tabs go on. */
    disconnect() {
        if (this.connectionId && this.disconnectUrl && !this.#stream) {
            const url = `${this.disconnectUrl}?conn_id=${this.connectionId}`;
            const request = this.#request("disconnect", url, {conn_id: this.connectionId});
            request.handleResponse = (answer, data) => this.disconnectCallback(answer, data);
            request.execute();
        }
        this.closeConnection();
    }

    /** Stops listening, and does not come back by itself. */
    closeConnection() {
        this.#stop();
        this.connectionClosedCallback();
    }

    /** @param {string[]} channels */
    subscribe(channels) {
        const request = this.#request("subscribe", this.subscribeUrl, {channels, conn_id: this.connectionId});
        request.handleError = (answer, data) => this.subscribeErrorCallback(answer, data);
        request.handleResponse = (answer, data) => {
            this.#takeChannels(data.channels);
            this.subscribeCallback(answer, data);
        };
        if (request.body.channels?.length) request.execute("POST");
    }

    /** @param {string[]} channels */
    unsubscribe(channels) {
        const request = this.#request("unsubscribe", this.unsubscribeUrl, {channels, conn_id: this.connectionId});
        request.handleError = (answer, data) => this.unsubscribeErrorCallback(answer, data);
        request.handleResponse = (answer, data) => {
            this.#takeChannels(data.channels);
            this.unsubscribeCallback(answer, data);
        };
        request.execute("POST");
    }

    /**
     * Those of the channels that are not subscribed to.
     *
     * @param {string[]} channels
     */
    calculateSubscribe(channels) {
        return channels.filter((channel) => !this.channels.includes(channel));
    }

    /**
     * Those of the channels that are subscribed to.
     *
     * @param {string[]} [channels]
     */
    calculateUnsubscribe(channels) {
        return (channels ?? []).filter((channel) => this.channels.includes(channel));
    }

    /** @param {object} state */
    updateUserState(state) {
        const body = {username: this.username, conn_id: this.connectionId, update_state: state};
        const request = this.#request("userState", this.userStateUrl, body);
        request.handleError = (answer, data) => this.setUserStateErrorCallback(answer, data);
        request.handleResponse = (answer, data) => this.setUserStateCallback(answer, data);
        request.execute();
    }

    /** @param {any} message */
    message(message) {
        const request = this.#request("message", this.messageUrl, message);
        request.handleError = (answer, data) => this.messageErrorCallback(answer, data);
        request.handleResponse = (answer, data) => this.messageCallback(answer, data);
        request.execute("POST");
    }

    /** @param {any} message */
    edit(message) {
        const request = this.#request("messageEdit", this.messageEditUrl, message);
        request.handleError = (answer, data) => this.messageEditErrorCallback(answer, data);
        request.handleResponse = (answer, data) => this.messageEditCallback(answer, data);
        request.execute("PATCH");
    }

    /** @param {any} message */
    delete(message) {
        const request = this.#request("messageDelete", this.messageDeleteUrl, message);
        request.handleError = (answer, data) => this.messageDeleteErrorCallback(answer, data);
        request.handleResponse = (answer, data) => this.messageDeleteCallback(answer, data);
        request.execute("DELETE");
    }

    // Connecting, and coming back

    #requestConnection() {
        const epoch = this.#epoch;
        const request = this.#request("connect", this.connectUrl, {username: this.username, channels: this.channels});
        request.handleError = (answer, data) => {
            if (epoch !== this.#epoch) return;
            // Nobody knows yet whether the hub knows the connection still, if nobody was reached.
            this.#mayResume = this.connectionId !== null && (answer.status === 0 || answer.status >= 500);
            this.connected = false;
            this.#retry(hintOf(answer));
            this.connectErrorCallback(answer, data);
        };
        request.handleResponse = (answer, data) => {
            if (epoch !== this.#epoch) return;
            this.connectionId = data.conn_id;
            this.#lastHeard = performance.now();
            this.#polls = false;
            this.#takeChannels(data.channels, false);
            this.#stream?.begin(data);
            this.connectCallback(answer, data);
            if (epoch === this.#epoch) this.startListening(answer, data);
        };
        request.execute();
    }

    /** Opens what is listened on. */
    startListening(request, data) {
        const epoch = this.#epoch;
        this.beforeListeningCallback(request, data);
        if (epoch === this.#epoch) this.#listen(true);
    }

    /** Comes back after a delay, with the connection that there is if the hub may know it still. */
    retryConnection() {
        this.#retry(0);
    }

    /**
     * @param {number} hint - What the server asks for at least, in milliseconds.
     * @param {number} spread - The delay is drawn from at least that long a time, in milliseconds.
     */
    #retry(hint, spread = 0) {
        if (!this.shouldReconnect) return;
        const ceiling = Math.min(longestDelay, this.increaseBounceIv * 2 ** Math.min(this.#attempts++, 30));
        // Full jitter: clients that lost the hub at the same moment must not come back at the same moment.
        this.#attemptIn(hint + Math.random() * Math.max(ceiling, spread));
    }

    /** @param {number} delay */
    #attemptIn(delay) {
        clearTimeout(this.#retryTimer);
        this.#retryTimer = setTimeout(() => this.#attempt(), delay);
    }

    #attempt() {
        this.#retryTimer = undefined;
        const mayResume = this.#mayResume && performance.now() - this.#lastHeard < resumableFor;
        // One attempt: if it is refused, the hub does not know the connection.
        this.#mayResume = false;
        if (mayResume) this.#listen(false);
        else this.#requestConnection();
    }

    /** Whatever is under way ends, without a word. */
    #stop() {
        this.#epoch += 1;
        globalThis.removeEventListener?.("online", this.#online);
        clearTimeout(this.#retryTimer);
        this.#retryTimer = undefined;
        this.#poll?.request?.abort();
        this.#poll = null;
        const socket = this.#dropSocket();
        socket?.close();
        this.#silent?.close();
        this.#silent = null;
        this.#stream?.stop();
        this.#stream = null;
        this.connected = false;
    }

    // Listening

    /** @param {boolean} isNew - Whether the hub surely knows the connection. */
    #listen(isNew) {
        if (!this.noWebsocket && typeof WebSocket === "undefined") this.noWebsocket = true;
        if (this.noWebsocket || this.#polls) this.openLongPoll();
        else this.#openSocket(isNew);
    }

    openWebsocket() {
        this.#openSocket(true);
    }

    /** @param {boolean} isNew */
    #openSocket(isNew) {
        const url = listeningURL(this.websocketUrl, this.connectionId);
        // Upstream's examples give the hub's http URL.
        url.protocol = url.protocol.replace("http", "ws");
        const socket = (this.websocket = new WebSocket(url));
        let hasOpened = false;
        let beats = false;
        socket.onopen = (event) => {
            hasOpened = true;
            this.#silent?.close();
            this.#silent = null;
            this.#opened(event);
            this.createHeartBeats();
        };
        socket.onmessage = (event) => {
            const messages = JSON.parse(event.data);
            // Servers of the release 0.7.1 do not send heartbeats to every socket: silence means nothing there.
            beats ||= messages.length === 0;
            if (beats) this.#expectMore(socket);
            this.#hear(messages);
        };
        socket.onerror = (event) => {
            this.connected = false;
            // Node 20 does not say of a socket that never opened that it is closed.
            const closed = /** @type {any} */ ({type: "close", code: 1006, target: socket});
            if (!hasOpened) setTimeout(() => socket.onclose?.(closed), 0);
            this.listenErrorCallback(event);
        };
        socket.onclose = (event) => {
            const epoch = this.#epoch;
            this.#dropSocket();
            this.#closed(event);
            if (epoch !== this.#epoch) return;
            if (!hasOpened && isNew && this.longPollUrl) {
                this.#polls = true;
                this.openLongPoll();
            } else {
                this.#mayResume = hasOpened && event.code !== 1000 && event.code !== replacedCode;
                this.#retry(0, crowdCodes.includes(event.code) ? crowdSpread : 0);
            }
        };
    }

    /**
     * If nothing comes for a while, the network is gone, though nobody has told the socket.
     *
     * @param {WebSocket} socket
     */
    #expectMore(socket) {
        clearTimeout(this.#silenceTimer);
        this.#silenceTimer = setTimeout(() => {
            this.#silent = this.#dropSocket();
            this.#mayResume = true;
            this.#retry(0);
            this.#closed({type: "close", code: 1006, reason: "nothing heard", wasClean: false, target: socket});
        }, silenceLimit);
    }

    openLongPoll() {
        this.#opened(this.#pollOnce());
    }

    #pollOnce() {
        const request = new ChannelStreamRequest(listeningURL(this.longPollUrl, this.connectionId).href);
        this.#poll = request;
        request.handleError = (answer, data) => {
            this.#poll = null;
            this.#mayResume = answer.status === 0 || answer.status === 429 || answer.status >= 500;
            this.connected = false;
            this.#stream?.tell({type: "closed"});
            this.#retry(hintOf(answer));
            this.listenErrorCallback(answer, data);
        };
        request.handleResponse = (answer, data) => {
            // Portals of hotels answer everything with a page.
            if (!Array.isArray(data)) return request.handleError(answer, data);
            const epoch = this.#epoch;
            setTimeout(() => epoch === this.#epoch && this.#pollOnce(), 0);
            this.#hear(data);
        };
        request.execute();
        return request;
    }

    createHeartBeats() {
        clearInterval(this.#heartbeatTimer);
        this.#heartbeatTimer = setInterval(() => {
            if (this.heartbeats && this.websocket?.readyState === WebSocket.OPEN) {
                this.websocket.send(JSON.stringify({type: "heartbeat"}));
            }
        }, 10_000);
    }

    /** Lets go of the socket without closing it. */
    #dropSocket() {
        clearInterval(this.#heartbeatTimer);
        clearTimeout(this.#silenceTimer);
        const socket = this.websocket;
        this.websocket = null;
        if (socket) socket.onopen = socket.onmessage = socket.onerror = socket.onclose = null;
        return socket;
    }

    // What is told to the application, and to the other tabs

    /** @param {any} event */
    #opened(event) {
        this.connected = true;
        this.#stream?.tell({type: "opened"});
        this.listenOpenedCallback(event);
    }

    /** @param {any} event */
    #closed(event) {
        this.connected = false;
        this.#stream?.tell({type: "closed"});
        this.listenCloseCallback(event);
    }

    /** @param {any[]} messages */
    #hear(messages) {
        this.#lastHeard = performance.now();
        this.#attempts = 0;
        if (messages.length > 0) this.#stream?.tell({type: "messages", messages});
        this.listenMessageCallback(messages);
    }

    /**
     * @param {string[]} channels
     * @param {boolean} isForAll
     */
    #takeChannels(channels, isForAll = true) {
        this.channels = channels;
        if (isForAll) this.#stream?.tell({type: "channels", channels});
        this.channelsChangedCallback(channels);
    }

    #share() {
        const name = this.shared === true ? `${this.connectUrl} ${this.username}` : this.shared;
        const stream = (this.#stream = new SharedStream(`channelstream ${name}`, {
            lead: () => {
                // The tab that led is gone. If it had no time to say good-bye, its connection is still there.
                this.#mayResume = stream.answer !== null;
                this.#lastHeard = performance.now();
                if (this.#stream === stream) this.#attempt();
            },
            join: (messages) => {
                this.connectionId = stream.answer.conn_id;
                this.#takeChannels(stream.answer.channels, false);
                const answer = new ChannelStreamAnswer();
                answer.readyState = 4;
                answer.status = 200;
                answer.responseText = JSON.stringify(stream.answer);
                this.connectCallback(answer, stream.answer);
                this.beforeListeningCallback(answer, stream.answer);
                if (stream.isOpen) this.#joinOpen();
                if (messages.length > 0) this.listenMessageCallback(messages);
            },
            hear: (message) => {
                if (message.type === "messages") this.listenMessageCallback(message.messages);
                if (message.type === "channels") this.#takeChannels(message.channels, false);
                if (message.type === "opened") this.#joinOpen();
                if (message.type === "closed") this.connected = false;
            },
        }));
    }

    #joinOpen() {
        this.connected = true;
        this.listenOpenedCallback();
    }

    /**
     * @param {string} kind
     * @param {string} url
     * @param {any} body
     */
    #request(kind, url, body) {
        const request = new ChannelStreamRequest(url, body);
        for (const mutator of this.mutators[kind]) mutator(request);
        return request;
    }

    // Callbacks: an application sets those that it needs. Unless noted, they get the answer and what it says.

    /**
     * Messages have come: called with a list, which is empty for a heartbeat.
     *
     * @param {any[]} messages
     */
    listenMessageCallback(messages) {
        this.#log("listenMessageCallback", messages);
    }

    /**
     * `channels` is another list now, with which it is called.
     *
     * @param {string[]} channels
     */
    channelsChangedCallback(channels) {
        this.#log("channelsChangedCallback", channels);
    }

    /** connect() was answered. */
    connectCallback(request, data) {
        this.#log("connectCallback", request, data);
    }

    /** connect() failed; the next attempt is on its way. */
    connectErrorCallback(request, data) {
        this.#log("connectErrorCallback", request, data);
    }

    /** The connection is there, and is about to be listened on. */
    beforeListeningCallback(request, data) {
        this.#log("beforeListeningCallback", request, data);
    }

    /** It is listened on: called with the socket's event, or with the request that polls. After a loss, again. */
    listenOpenedCallback(request, data) {
        this.#log("listenOpenedCallback", request, data);
    }

    /** The socket or a poll failed: called with the event, or with the answer and what it says. */
    listenErrorCallback(request, data) {
        this.#log("listenErrorCallback", request, data);
    }

    /** The socket was closed: called with its event. */
    listenCloseCallback(request, data) {
        this.#log("listenCloseCallback", request, data);
    }

    /** closeConnection() or disconnect() ended the listening: called with nothing. */
    connectionClosedCallback(request, data) {
        this.#log("connectionClosedCallback", request, data);
    }

    /** disconnect() was answered. */
    disconnectCallback(request, data) {
        this.#log("disconnectCallback", request, data);
    }

    /** subscribe() was answered. */
    subscribeCallback(request, data) {
        this.#log("subscribeCallback", request, data);
    }

    /** subscribe() failed. */
    subscribeErrorCallback(request, data) {
        this.#log("subscribeErrorCallback", request, data);
    }

    /** unsubscribe() was answered. */
    unsubscribeCallback(request, data) {
        this.#log("unsubscribeCallback", request, data);
    }

    /** unsubscribe() failed. */
    unsubscribeErrorCallback(request, data) {
        this.#log("unsubscribeErrorCallback", request, data);
    }

    /** updateUserState() was answered. */
    setUserStateCallback(request, data) {
        this.#log("setUserStateCallback", request, data);
    }

    /** updateUserState() failed. */
    setUserStateErrorCallback(request, data) {
        this.#log("setUserStateErrorCallback", request, data);
    }

    /** message() was answered. */
    messageCallback(request, data) {
        this.#log("messageCallback", request, data);
    }

    /** message() failed. */
    messageErrorCallback(request, data) {
        this.#log("messageErrorCallback", request, data);
    }

    /** edit() was answered. */
    messageEditCallback(request, data) {
        this.#log("messageEditCallback", request, data);
    }

    /** edit() failed. */
    messageEditErrorCallback(request, data) {
        this.#log("messageEditErrorCallback", request, data);
    }

    /** delete() was answered. */
    messageDeleteCallback(request, data) {
        this.#log("messageDeleteCallback", request, data);
    }

    /** delete() failed. */
    messageDeleteErrorCallback(request, data) {
        this.#log("messageDeleteErrorCallback", request, data);
    }

    /**
     * @param {string} name
     * @param {any[]} values
     */
    #log(name, ...values) {
        if (this.debug) console.log(name, ...values);
    }
}

/** SHA-1, here since a signature is wanted at once, and browsers' own answers later, and over https only. */
function sha1(/** @type {Uint8Array} */ bytes) {
    const words = new Uint32Array(((bytes.length + 8) >> 6) * 16 + 16);
    bytes.forEach((byte, index) => (words[index >> 2] |= byte << (24 - (index % 4) * 8)));
    words[bytes.length >> 2] |= 0x80 << (24 - (bytes.length % 4) * 8);
    words[words.length - 2] = Math.floor(bytes.length / 2 ** 29);
    words[words.length - 1] = bytes.length << 3;
    const rotate = (word, count) => (word << count) | (word >>> (32 - count));
    const hash = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
    const mixed = new Uint32Array(80);
    for (let start = 0; start < words.length; start += 16) {
        mixed.set(words.subarray(start, start + 16));
        for (let i = 16; i < 80; i++) mixed[i] = rotate(mixed[i - 3] ^ mixed[i - 8] ^ mixed[i - 14] ^ mixed[i - 16], 1);
        let [a, b, c, d, e] = hash;
        for (let i = 0; i < 80; i++) {
            const [chosen, constant] =
                i < 20 ? [(b & c) | (~b & d), 0x5a827999]
                : i < 40 ? [b ^ c ^ d, 0x6ed9eba1]
                : i < 60 ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
                : [b ^ c ^ d, 0xca62c1d6];
            [a, b, c, d, e] = [(rotate(a, 5) + chosen + e + constant + mixed[i]) | 0, a, rotate(b, 30), c, d];
        }
        hash.set([hash[0] + a, hash[1] + b, hash[2] + c, hash[3] + d, hash[4] + e]);
    }
    return Uint8Array.from({length: 20}, (_, index) => hash[index >> 2] >>> (24 - (index % 4) * 8));
}

/**
 * @param {Uint8Array} key - At most 64 bytes.
 * @param {Uint8Array} text
 */
function hmacSHA1(key, text) {
    const pad = (/** @type {number} */ mask) => Uint8Array.from({length: 64}, (_, index) => (key[index] ?? 0) ^ mask);
    return sha1(Uint8Array.of(...pad(0x5c), ...sha1(Uint8Array.of(...pad(0x36), ...text))));
}

/** @param {Uint8Array} bytes */
function base64url(bytes) {
    const text = btoa(String.fromCharCode(...bytes));
    return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Signs calls of the hub as itsdangerous.TimestampSigner does; for programs that know the secret, never for pages. */
export class ChannelStreamSigner {
    /** @param {string} secret */
    constructor(secret) {
        this.secret = secret;
    }

    /** A value of `X-Channelstream-Secret`, good for 60 seconds. */
    signRequest(value = "channelstream") {
        const utf8 = new TextEncoder();
        let seconds = Math.floor(Date.now() / 1000);
        /** @type {number[]} */
        const bytes = [];
        for (; seconds > 0; seconds = Math.floor(seconds / 256)) bytes.unshift(seconds % 256);
        const text = `${value}.${base64url(Uint8Array.from(bytes))}`;
        const key = sha1(utf8.encode(`itsdangerous.Signersigner${this.secret}`));
        return `${text}.${base64url(hmacSHA1(key, utf8.encode(text)))}`;
    }
}
