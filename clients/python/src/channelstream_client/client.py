"""The hub's calls and a listener, blocking."""

from __future__ import annotations

import select
import socket
import threading
import time
from types import TracebackType
from typing import Any, Callable, Iterable, Iterator, List, Mapping, Optional, Sequence, Type, TypeVar

from . import _calls, answers
from ._calls import AsOf, Call
from ._listening import State, listening
from ._steps import Close, Deliver, Open, Read, Sleep, Step, Steps, Target, Write
from ._websocket import close_frame
from .errors import ChannelstreamError, NetworkError, RequestTimeout
from .signing import sign

T = TypeVar("T")

_MOST_IDLE = 8
"""Connections that are kept for later calls."""


class _Connections:
    """Those that no call uses at present."""

    def __init__(self) -> None:
        self._idle: List[socket.socket] = []
        self._is_closed = False
        self._lock = threading.Lock()

    def take(self) -> Optional[socket.socket]:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                found = self._idle.pop()
            # Something to read on a connection without a request is its end.
            if not select.select([found], [], [], 0)[0]:
                return found
            found.close()

    def keep(self, connection: socket.socket) -> None:
        with self._lock:
            if len(self._idle) < _MOST_IDLE and not self._is_closed:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
            self._is_closed = True
        for connection in idle:
            connection.close()


class _Performer:
    """Carries out the steps of one call or listener."""

    def __init__(self, target: Target, connections: _Connections) -> None:
        self._target = target
        self._connections = connections
        self.socket: Optional[socket.socket] = None

    def perform(self, step: Step) -> bytes:
        if isinstance(step, Open):
            return self._open(step)
        if isinstance(step, Write):
            return self._write(step.data)
        if isinstance(step, Read):
            return self._read(step.timeout)
        if isinstance(step, Sleep):
            time.sleep(step.seconds)
        if isinstance(step, Close):
            self._close(step.keep)
        return b""

    def _open(self, step: Open) -> bytes:
        self._close(keep=False)
        self.socket = self._connections.take() if step.reuse else None
        if self.socket:
            return b"reused"
        address = (self._target.host, self._target.port)
        try:
            plain = socket.create_connection(address, self._target.timeout)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            tls = self._target.tls
            self.socket = tls.wrap_socket(plain, server_hostname=self._target.host) if tls else plain
        except OSError as error:
            raise NetworkError("%s:%d: %s" % (*address, error)) from error
        return b""

    def _write(self, data: bytes) -> bytes:
        try:
            opened = self._opened
            opened.settimeout(self._target.timeout)
            opened.sendall(data)
        except socket.timeout as error:
            raise RequestTimeout("the hub does not take the request", sent=True) from error
        except OSError as error:
            raise NetworkError("the connection is lost: %s" % error, sent=True) from error
        return b""

    def _read(self, timeout: float) -> bytes:
        try:
            opened = self._opened
            opened.settimeout(max(timeout, 0.001))
            return opened.recv(65536)
        except socket.timeout as error:
            raise RequestTimeout("the hub does not answer in time", sent=True) from error
        except OSError as error:
            raise NetworkError("the connection is lost: %s" % error, sent=True) from error

    @property
    def _opened(self) -> socket.socket:
        if self.socket is None:
            raise NetworkError("the connection is closed", sent=True)
        return self.socket

    def _close(self, keep: bool) -> None:
        opened, self.socket = self.socket, None
        if opened is None:
            return
        if keep:
            self._connections.keep(opened)
        else:
            opened.close()

    def close(self) -> None:
        self._close(keep=False)


class Hub:
    """A hub, as a backend sees it. Threads may share one.

    >>> hub = Hub("http://127.0.0.1:8000", "secret")

    Calls whose repetition changes nothing are sent again, up to `retries` times, when the network or the hub fails;
    messages, edits and deletions only if the hub surely has not got them.
    """

    def __init__(self, url: str, secret: Optional[str] = None, **options: Any) -> None:
        """`options`: `timeout` (10 seconds an attempt), `retries` (2), `headers`, `ssl_context`, `largest_answer`."""
        self._target = Target(url, secret, **options)
        self._connections = _Connections()

    def close(self) -> None:
        """Closes the connections that are kept for later calls."""
        self._connections.close()

    def __enter__(self) -> Hub:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def run(self, call: Call[T]) -> T:
        steps = _calls.exchange(self._target, call)
        performer = _Performer(self._target, self._connections)
        try:
            step = next(steps)
            while True:
                try:
                    result = performer.perform(step)
                except NetworkError as error:
                    step = steps.throw(error)
                else:
                    step = steps.send(result)
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            performer.close()

    def signature(self) -> str:
        """A signature for calls that others make, as the header `X-Channelstream-Secret` or the parameter `secret`."""
        if self._target.secret is None:
            raise ValueError("this hub was made without a secret")
        return sign(self._target.secret)

    # Users and channels

    def connect(
        self,
        username: str,
        *,
        channels: Sequence[str] = (),
        conn_id: Optional[str] = None,
        fresh_user_state: Optional[answers.State] = None,
        user_state: Optional[answers.State] = None,
        state_public_keys: Optional[Sequence[str]] = None,
        channel_configs: Optional[Mapping[str, answers.ChannelConfig]] = None,
        info: Optional[answers.InfoOptions] = None,
    ) -> answers.ConnectAnswer:
        """Opens a connection for a user; hand its `conn_id` to the one client that is to listen with it."""
        return self.run(
            _calls.connect(
                username, conn_id, channels=list(channels), fresh_user_state=fresh_user_state, user_state=user_state,
                state_public_keys=None if state_public_keys is None else list(state_public_keys),
                channel_configs=channel_configs, info=info,
            )
        )

    def subscribe(
        self,
        conn_id: str,
        channels: Sequence[str],
        *,
        channel_configs: Optional[Mapping[str, answers.ChannelConfig]] = None,
        info: Optional[answers.InfoOptions] = None,
    ) -> answers.SubscribeAnswer:
        return self.run(_calls.subscribe(conn_id, channels, channel_configs=channel_configs, info=info))

    def unsubscribe(
        self, conn_id: str, channels: Sequence[str], *, info: Optional[answers.InfoOptions] = None
    ) -> answers.UnsubscribeAnswer:
        return self.run(_calls.unsubscribe(conn_id, channels, info=info))

    def disconnect(self, conn_id: str) -> bool:
        """Ends a connection; whether it was known."""
        return self.run(_calls.disconnect(conn_id))

    def user_state(
        self,
        user: str,
        user_state: Optional[answers.State] = None,
        *,
        state_public_keys: Optional[Sequence[str]] = None,
    ) -> answers.UserStateAnswer:
        """Merges into a user's state. `state_public_keys` replaces the keys that others see, if it is given."""
        keys = None if state_public_keys is None else list(state_public_keys)
        return self.run(_calls.user_state(user, user_state=user_state, state_public_keys=keys))

    def channel_config(self, configs: Mapping[str, answers.ChannelConfig]) -> answers.ChannelsInfo:
        """Makes channels or reconfigures them; settings left out return to their defaults."""
        return self.run(_calls.channel_config(configs))

    def info(
        self,
        *,
        channels: Optional[Sequence[str]] = None,
        exclude_channels: Optional[Sequence[str]] = None,
        include_history: Optional[bool] = None,
        include_users: Optional[bool] = None,
        return_public_state: Optional[bool] = None,
        as_of: Optional[AsOf] = None,
    ) -> answers.ChannelsInfo:
        """Channels and who is in them: now, or as of an event or a moment."""
        return self.run(
            _calls.info(
                as_of, channels=None if channels is None else list(channels),
                exclude_channels=None if exclude_channels is None else list(exclude_channels),
                include_history=include_history, include_users=include_users, return_public_state=return_public_state,
            )
        )

    # Messages

    def post(self, *messages: Mapping[str, Any]) -> List[answers.Message]:
        """Posts messages (see NewMessage); they are on disk when it returns. Never sent twice."""
        return self.run(_calls.post(messages))

    def post_bulk(self, messages: Iterable[Mapping[str, Any]]) -> answers.BulkAnswer:
        """Posts as many messages as a body of the hub holds. Never sent twice."""
        return self.run(_calls.post_bulk(messages))

    def edit(self, *edits: Mapping[str, Any]) -> List[Any]:
        """Replaces parts of messages (see Edit). Never sent twice."""
        return self.run(_calls.edit(edits))

    def delete(self, *deletions: Mapping[str, Any]) -> List[Any]:
        """Takes messages away (see Deletion). Never sent twice."""
        return self.run(_calls.delete(deletions))

    # Looking back

    def history(
        self,
        channel: str,
        *,
        before: Optional[int] = None,
        after: Optional[int] = None,
        limit: Optional[int] = None,
        as_of: Optional[AsOf] = None,
    ) -> answers.HistoryPage:
        """A page of the messages of a channel, newest first, or, behind `after`, oldest first."""
        return self.run(_calls.history(channel, before=before, after=after, limit=limit, as_of=as_of))

    def messages(
        self, channel: str, *, oldest_first: bool = False, as_of: Optional[AsOf] = None
    ) -> Iterator[answers.HistoryEntry]:
        """All messages of a channel, page by page, as of one place in the log."""
        place = {"after": 0} if oldest_first else {}
        while True:
            page = self.history(channel, before=place.get("before"), after=place.get("after"), as_of=as_of)
            yield from page["messages"]
            if page["next"] is None:
                return
            place, as_of = page["next"], page["as_of"]

    def lineage(self, uuid: str, *, after: Optional[int] = None, as_of: Optional[AsOf] = None) -> answers.Lineage:
        """Everything that the log says of a message."""
        return self.run(_calls.lineage(uuid, after=after, as_of=as_of))

    # Evidence: `channelstream_client.evidence` checks it

    def log_key(self) -> str:
        """The verifier key. It never changes: compare it with what the operator says."""
        return self.run(_calls.log_key())

    def checkpoint(self) -> str:
        """The newest checkpoint that the log records, a signed note."""
        return self.run(_calls.checkpoint())

    def inclusion_proof(self, seq: int, size: Optional[int] = None) -> answers.InclusionProof:
        return self.run(_calls.inclusion_proof(seq, size))

    def consistency_proof(self, old: int, new: Optional[int] = None) -> answers.ConsistencyProof:
        """Proves that the log of `new` lines begins with the log of `old` lines."""
        return self.run(_calls.consistency_proof(old, new))

    def receipt(self, uuid: str, *, event: Optional[str] = None, line: Optional[str] = None) -> str:
        """A proof for a message. `event`: post, edit, edit:2, delete, erase; `line`: whole or redacted."""
        return self.run(_calls.receipt(uuid, event=event, line=line))

    # Operators

    def erase(
        self,
        *,
        reason: str,
        message: Optional[str] = None,
        user: Optional[str] = None,
        channel: Optional[str] = None,
        ordered_by: Optional[str] = None,
        forget: Optional[bool] = None,
    ) -> answers.Erasure:
        """Takes what people wrote out of the log, for good. `reason` stays in it. May take long: see `timeout`."""
        return self.run(
            _calls.erase(
                message=message, user=user, channel=channel, reason=reason, ordered_by=ordered_by, forget=forget
            )
        )

    def admin_json(self) -> Mapping[str, Any]:
        return self.run(_calls.admin_json())

    def openapi(self) -> Mapping[str, Any]:
        return self.run(_calls.openapi())

    def metrics(self) -> str:
        return self.run(_calls.metrics())

    def log_status(self) -> Mapping[str, Any]:
        return self.run(_calls.log_status())

    def promote(self, *, force: bool = False) -> Mapping[str, Any]:
        """Lets a follower decide for itself. Never sent twice."""
        return self.run(_calls.promote(force))

    def listen(self, conn_id: str, *, transport: str = "auto", reconnect: bool = True) -> Listener:
        """Listens to a connection. `transport`: websocket, poll, or auto, which polls where no websocket passes."""
        return Listener(self._target, conn_id, transport, reconnect)


class Listener:
    """What is sent to a connection.

    >>> with hub.listen(conn_id) as listener:
    ...     for frame in listener:
    ...         print(frame["type"])

    A lost connection is taken up with the same `conn_id`; what was missed comes with `catchup: True`, and some of it
    may come twice, with the same `uuid`. ConnectionEnded says that nobody can listen with it any more.
    """

    def __init__(self, target: Target, conn_id: str, transport: str, reconnect: bool) -> None:
        if transport not in ("auto", "websocket", "poll"):
            raise ValueError("transport is auto, websocket or poll")
        self.conn_id = conn_id
        self._state = State()
        self._steps: Steps[None] = listening(target, conn_id, transport, reconnect, self._state)
        self._connections = _Connections()
        self._performer = _Performer(target, self._connections)
        self._step: Optional[Step] = None
        self._until = 0.0
        self._is_closed = False
        self._was_left = False

    def receive(self, timeout: Optional[float] = None) -> List[answers.Frame]:
        """The next messages, at least one. Raises TimeoutError if none came in time; one may go on then."""
        end = None if timeout is None else time.monotonic() + timeout
        while not self._is_closed:
            if self._step is None:
                self._go_on(lambda: next(self._steps))
                continue
            step = self._step
            if isinstance(step, Deliver):
                self._go_on(lambda: self._steps.send(b""))
                return step.frames
            self._perform(step, end)
        raise ChannelstreamError("the listener is closed")

    def _go_on(self, advance: Callable[[], Step]) -> None:
        try:
            step = advance()
        except BaseException:
            self._is_closed = True
            self._performer.close()
            self._connections.close()
            raise
        self._step = step
        wait = step.timeout if isinstance(step, Read) else step.seconds if isinstance(step, Sleep) else 0.0
        self._until = time.monotonic() + wait

    def _perform(self, step: Step, end: Optional[float]) -> None:
        now = time.monotonic()
        is_cut = end is not None and end < self._until
        wait = max(0.0, (end if end is not None and is_cut else self._until) - now)
        if isinstance(step, Read):
            step = Read(wait)
        if isinstance(step, Sleep):
            step = Sleep(wait)
        try:
            result = self._performer.perform(step)
        except NetworkError as error:
            if self._is_closed:
                return
            if is_cut and isinstance(step, Read) and isinstance(error, RequestTimeout):
                raise TimeoutError("no message came") from None
            failure = error
            return self._go_on(lambda: self._steps.throw(failure))
        if is_cut and isinstance(step, Sleep):
            raise TimeoutError("no message came")
        self._go_on(lambda: self._steps.send(result))

    def __iter__(self) -> Iterator[answers.Frame]:
        while not self._is_closed:
            try:
                frames = self.receive()
            except ChannelstreamError:
                # close() in another thread, or in the loop's body, ends the loop.
                if self._was_left:
                    return
                raise
            yield from frames

    def close(self, *, keep: bool = False) -> None:
        """Stops listening, and ends the connection; with `keep`, somebody may take it up within some seconds."""
        if self._is_closed:
            return
        self._was_left = self._is_closed = True
        opened = self._performer.socket
        try:
            if opened and self._state.by_websocket and not keep:
                opened.sendall(close_frame(1000))
            if opened:
                opened.shutdown(socket.SHUT_RDWR)
        except OSError:
            # It is gone already.
            pass
        self._performer.close()
        self._connections.close()

    def __enter__(self) -> Listener:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()
