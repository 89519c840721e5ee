/** Channelstream's client for browsers. What is not said here stands in README.md. */

/** What a user says in a channel, or to some users; other keys that the backend gave come along. */
export interface ChannelStreamMessage {
    type: "message" | "message:edit" | "message:delete" | "presence" | "user_state_change";
    uuid: string;
    channel: string | null;
    /** Of edits and deletions, only what was given is there. */
    user?: string;
    timestamp?: string;
    /** Of `presence`, `{action: "joined" | "parted"}`; of `user_state_change`, `{state, changed}`. */
    message?: any;
    edited?: string | null;
    /** Whether it had happened before this listener came. */
    catchup?: boolean;
    /** Of `presence`: the public state of who joined, and who is there. */
    state?: Record<string, unknown> | null;
    users?: {user: string; state: Record<string, unknown>}[];
    [key: string]: unknown;
}

/** The answer to a request, in the shape of an XMLHttpRequest that is done. */
export interface ChannelStreamAnswer {
    readonly readyState: number;
    /** 0 if there was no answer. */
    readonly status: number;
    readonly statusText: string;
    readonly responseText: string;
    readonly response: string;
    readonly responseURL: string;
    getResponseHeader(name: string): string | null;
    getAllResponseHeaders(): string;
    abort(): void;
}

/** A request before it is sent, which mutators may change. */
export interface ChannelStreamRequest {
    url: string;
    body: any;
    headers: {name: string; value: string}[];
    /** "include" sends cookies to other origins too. */
    credentials: RequestCredentials;
}

export type ChannelStreamMutator = (request: ChannelStreamRequest) => void;

export type ChannelStreamMutatorKind =
    | "connect"
    | "message"
    | "messageEdit"
    | "messageDelete"
    | "subscribe"
    | "unsubscribe"
    | "disconnect"
    | "userState";

export class ChannelStreamConnection {
    static get version(): string;

    /** Writes what the callbacks that nobody has set are called with to the console. */
    debug: boolean;
    username: string;
    channels: string[];
    /** The hub's name for the connection; null before the first connect(). */
    connectionId: string | null;
    websocket: WebSocket | null;
    /** Whether messages come, or could come. */
    connected: boolean;

    /** Of the hub. */
    websocketUrl: string;
    longPollUrl: string;
    disconnectUrl: string;
    /** Of your application. */
    connectUrl: string;
    subscribeUrl: string;
    unsubscribeUrl: string;
    userStateUrl: string;
    messageUrl: string;
    messageEditUrl: string;
    messageDeleteUrl: string;

    /** Comes back when the connection is lost: true. */
    shouldReconnect: boolean;
    /** The first delay before a new attempt is at most that long (2000 ms), each next one twice as long, to a minute. */
    increaseBounceIv: number;
    /** Tells the hub every ten seconds that somebody is there: true. */
    heartbeats: boolean;
    /** Polls, though there are websockets: false. */
    noWebsocket: boolean;
    /** One stream for all tabs of an origin that say so: a name, or true for one of `connectUrl` and `username`. */
    shared: boolean | string;

    mutators: Record<ChannelStreamMutatorKind, ChannelStreamMutator[]>;
    addMutator(kind: ChannelStreamMutatorKind, mutator: ChannelStreamMutator): void;

    connect(): void;
    disconnect(): void;
    /** Stops listening, and does not come back by itself. */
    closeConnection(): void;
    /** Tries again after a delay. */
    retryConnection(): void;
    subscribe(channels: string[]): void;
    unsubscribe(channels: string[]): void;
    /** Those of the channels that are not subscribed to. */
    calculateSubscribe(channels: string[]): string[];
    /** Those of the channels that are subscribed to. */
    calculateUnsubscribe(channels?: string[]): string[];
    updateUserState(state: object): void;
    message(message: any): void;
    edit(message: any): void;
    delete(message: any): void;
    startListening(request?: ChannelStreamAnswer, data?: any): void;
    openWebsocket(): void;
    openLongPoll(): void;
    createHeartBeats(): void;

    /** Called with an empty list for a heartbeat. */
    listenMessageCallback(messages: ChannelStreamMessage[]): void;
    channelsChangedCallback(channels: string[]): void;
    connectCallback(request: ChannelStreamAnswer, data: any): void;
    /** The next attempt is on its way, unless you call disconnect(). */
    connectErrorCallback(request: ChannelStreamAnswer, data: any): void;
    beforeListeningCallback(request?: ChannelStreamAnswer, data?: any): void;
    /** Called with the socket's event, or with the request that polls; nothing in a tab that hears from another one. */
    listenOpenedCallback(event?: any): void;
    /** Called with the socket's event, or with a poll's answer and what it says. */
    listenErrorCallback(event: any, data?: any): void;
    listenCloseCallback(event: any): void;
    connectionClosedCallback(): void;
    disconnectCallback(request: ChannelStreamAnswer, data: any): void;
    subscribeCallback(request: ChannelStreamAnswer, data: any): void;
    subscribeErrorCallback(request: ChannelStreamAnswer, data: any): void;
    unsubscribeCallback(request: ChannelStreamAnswer, data: any): void;
    unsubscribeErrorCallback(request: ChannelStreamAnswer, data: any): void;
    setUserStateCallback(request: ChannelStreamAnswer, data: any): void;
    setUserStateErrorCallback(request: ChannelStreamAnswer, data: any): void;
    messageCallback(request: ChannelStreamAnswer, data: any): void;
    messageErrorCallback(request: ChannelStreamAnswer, data: any): void;
    messageEditCallback(request: ChannelStreamAnswer, data: any): void;
    messageEditErrorCallback(request: ChannelStreamAnswer, data: any): void;
    messageDeleteCallback(request: ChannelStreamAnswer, data: any): void;
    messageDeleteErrorCallback(request: ChannelStreamAnswer, data: any): void;
}

/** Signs calls of the hub: for programs that may know the secret, never for pages. */
export class ChannelStreamSigner {
    constructor(secret: string);
    secret: string;
    /** A value of `X-Channelstream-Secret`, good for 60 seconds. */
    signRequest(value?: string): string;
}
