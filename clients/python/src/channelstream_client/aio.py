"""The hub's calls and a listener, for asyncio."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, AsyncIterator, Callable, Iterable, List, Mapping, Optional, Sequence, Tuple, Type, TypeVar

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
_SMALL = 64 * 1024
"""Bytes that are handed over without waiting."""

_Connection = Tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Connections:
    """Those that no call uses at present."""

    def __init__(self) -> None:
        self._idle: List[_Connection] = []
        self._is_closed = False

    def take(self) -> Optional[_Connection]:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        return None

    def keep(self, connection: _Connection) -> None:
        if len(self._idle) < _MOST_IDLE and not self._is_closed:
            self._idle.append(connection)
        else:
            connection[1].close()

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        self._is_closed = True
        for _, writer in idle:
            await _end(writer)
        # Those that were closed before have their end now, and not when the loop is gone.
        await asyncio.sleep(0)


async def _end(writer: asyncio.StreamWriter) -> None:
    writer.close()
    try:
        await writer.wait_closed()
    except OSError:
        # It is gone already.
        pass


class _Performer:
    """Carries out the steps of one call or listener."""

    def __init__(self, target: Target, connections: _Connections) -> None:
        self._target = target
        self._connections = connections
        self.connection: Optional[_Connection] = None
        self._reading: Optional[asyncio.Task[bytes]] = None

    async def perform(self, step: Step) -> bytes:
        if isinstance(step, Open):
            return await self._open(step)
        if isinstance(step, Write):
            return await self._write(step.data)
        if isinstance(step, Read):
            return await self._read(step.timeout)
        if isinstance(step, Sleep):
            await asyncio.sleep(step.seconds)
        if isinstance(step, Close):
            self._close(step.keep)
        return b""

    async def _open(self, step: Open) -> bytes:
        self._close(keep=False)
        self.connection = self._connections.take() if step.reuse else None
        if self.connection:
            return b"reused"
        address = (self._target.host, self._target.port)
        try:
            opening = asyncio.open_connection(*address, ssl=self._target.tls)
            self.connection = await asyncio.wait_for(opening, self._target.timeout)
        except asyncio.TimeoutError as error:
            raise NetworkError("%s:%d: no connection in time" % address) from error
        except OSError as error:
            raise NetworkError("%s:%d: %s" % (*address, error)) from error
        return b""

    async def _write(self, data: bytes) -> bytes:
        try:
            writer = self._opened[1]
            writer.write(data)
            if len(data) > _SMALL:
                await asyncio.wait_for(writer.drain(), self._target.timeout)
        except asyncio.TimeoutError as error:
            raise RequestTimeout("the hub does not take the request", sent=True) from error
        except OSError as error:
            raise NetworkError("the connection is lost: %s" % error, sent=True) from error
        return b""

    async def _read(self, timeout: float) -> bytes:
        # A task of its own: whoever is cancelled while he waits must not lose what was read just then.
        reading = self._reading or asyncio.ensure_future(self._opened[0].read(65536))
        self._reading = reading
        done, _ = await asyncio.wait({reading}, timeout=max(timeout, 0.001))
        if not done:
            raise RequestTimeout("the hub does not answer in time", sent=True)
        self._reading = None
        try:
            return b"" if reading.cancelled() else reading.result()
        except OSError as error:
            raise NetworkError("the connection is lost: %s" % error, sent=True) from error

    @property
    def _opened(self) -> _Connection:
        if self.connection is None:
            raise NetworkError("the connection is closed", sent=True)
        return self.connection

    def _close(self, keep: bool) -> None:
        opened, self.connection = self.connection, None
        if self._reading:
            self._reading.cancel()
            self._reading = None
        if opened is None:
            return
        if keep:
            self._connections.keep(opened)
        else:
            opened[1].close()

    def close(self) -> None:
        self._close(keep=False)


class AsyncHub:
    """A hub, as a backend sees it, within one event loop.

    >>> hub = AsyncHub("http://127.0.0.1:8000", "secret")

    Its calls are those of `Hub`, awaited.
    """

    def __init__(self, url: str, secret: Optional[str] = None, **options: Any) -> None:
        """`options`: `timeout` (10 seconds an attempt), `retries` (2), `headers`, `ssl_context`, `largest_answer`."""
        self._target = Target(url, secret, **options)
        self._connections = _Connections()

    async def close(self) -> None:
        """Closes the connections that are kept for later calls."""
        await self._connections.close()

    async def __aenter__(self) -> AsyncHub:
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        await self.close()

    async def run(self, call: Call[T]) -> T:
        steps = _calls.exchange(self._target, call)
        performer = _Performer(self._target, self._connections)
        try:
            step = next(steps)
            while True:
                try:
                    result = await performer.perform(step)
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

    async def connect(
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
        return await self.run(
            _calls.connect(
                username, conn_id, channels=list(channels), fresh_user_state=fresh_user_state, user_state=user_state,
                state_public_keys=None if state_public_keys is None else list(state_public_keys),
                channel_configs=channel_configs, info=info,
            )
        )

    async def subscribe(
        self,
        conn_id: str,
        channels: Sequence[str],
        *,
        channel_configs: Optional[Mapping[str, answers.ChannelConfig]] = None,
        info: Optional[answers.InfoOptions] = None,
    ) -> answers.SubscribeAnswer:
        return await self.run(_calls.subscribe(conn_id, channels, channel_configs=channel_configs, info=info))

    async def unsubscribe(
        self, conn_id: str, channels: Sequence[str], *, info: Optional[answers.InfoOptions] = None
    ) -> answers.UnsubscribeAnswer:
        return await self.run(_calls.unsubscribe(conn_id, channels, info=info))

    async def disconnect(self, conn_id: str) -> bool:
        """Ends a connection; whether it was known."""
        return await self.run(_calls.disconnect(conn_id))

    async def user_state(
        self,
        user: str,
        user_state: Optional[answers.State] = None,
        *,
        state_public_keys: Optional[Sequence[str]] = None,
    ) -> answers.UserStateAnswer:
        """Merges into a user's state. `state_public_keys` replaces the keys that others see, if it is given."""
        keys = None if state_public_keys is None else list(state_public_keys)
        return await self.run(_calls.user_state(user, user_state=user_state, state_public_keys=keys))

    async def channel_config(self, configs: Mapping[str, answers.ChannelConfig]) -> answers.ChannelsInfo:
        """Makes channels or reconfigures them; settings left out return to their defaults."""
        return await self.run(_calls.channel_config(configs))

    async def info(
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
        return await self.run(
            _calls.info(
                as_of, channels=None if channels is None else list(channels),
                exclude_channels=None if exclude_channels is None else list(exclude_channels),
                include_history=include_history, include_users=include_users, return_public_state=return_public_state,
            )
        )

    # Messages

    async def post(self, *messages: Mapping[str, Any]) -> List[answers.Message]:
        """Posts messages (see NewMessage); they are on disk when it returns. Never sent twice."""
        return await self.run(_calls.post(messages))

    async def post_bulk(self, messages: Iterable[Mapping[str, Any]]) -> answers.BulkAnswer:
        """Posts as many messages as a body of the hub holds. Never sent twice."""
        return await self.run(_calls.post_bulk(messages))

    async def edit(self, *edits: Mapping[str, Any]) -> List[Any]:
        """Replaces parts of messages (see Edit). Never sent twice."""
        return await self.run(_calls.edit(edits))

    async def delete(self, *deletions: Mapping[str, Any]) -> List[Any]:
        """Takes messages away (see Deletion). Never sent twice."""
        return await self.run(_calls.delete(deletions))

    # Looking back

    async def history(
        self,
        channel: str,
        *,
        before: Optional[int] = None,
        after: Optional[int] = None,
        limit: Optional[int] = None,
        as_of: Optional[AsOf] = None,
    ) -> answers.HistoryPage:
        """A page of the messages of a channel, newest first, or, behind `after`, oldest first."""
        return await self.run(_calls.history(channel, before=before, after=after, limit=limit, as_of=as_of))

    async def messages(
        self, channel: str, *, oldest_first: bool = False, as_of: Optional[AsOf] = None
    ) -> AsyncIterator[answers.HistoryEntry]:
        """All messages of a channel, page by page, as of one place in the log."""
        place = {"after": 0} if oldest_first else {}
        while True:
            page = await self.history(channel, before=place.get("before"), after=place.get("after"), as_of=as_of)
            for entry in page["messages"]:
                yield entry
            if page["next"] is None:
                return
            place, as_of = page["next"], page["as_of"]

    async def lineage(self, uuid: str, *, after: Optional[int] = None, as_of: Optional[AsOf] = None) -> answers.Lineage:
        """Everything that the log says of a message."""
        return await self.run(_calls.lineage(uuid, after=after, as_of=as_of))

    # Evidence: `channelstream_client.evidence` checks it

    async def log_key(self) -> str:
        """The verifier key. It never changes: compare it with what the operator says."""
        return await self.run(_calls.log_key())

    async def checkpoint(self) -> str:
        """The newest checkpoint that the log records, a signed note."""
        return await self.run(_calls.checkpoint())

    async def inclusion_proof(self, seq: int, size: Optional[int] = None) -> answers.InclusionProof:
        return await self.run(_calls.inclusion_proof(seq, size))

    async def consistency_proof(self, old: int, new: Optional[int] = None) -> answers.ConsistencyProof:
        """Proves that the log of `new` lines begins with the log of `old` lines."""
        return await self.run(_calls.consistency_proof(old, new))

    async def receipt(self, uuid: str, *, event: Optional[str] = None, line: Optional[str] = None) -> str:
        """A proof for a message. `event`: post, edit, edit:2, delete, erase; `line`: whole or redacted."""
        return await self.run(_calls.receipt(uuid, event=event, line=line))

    # Operators

    async def erase(
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
        return await self.run(
            _calls.erase(
                message=message, user=user, channel=channel, reason=reason, ordered_by=ordered_by, forget=forget
            )
        )

    async def admin_json(self) -> Mapping[str, Any]:
        return await self.run(_calls.admin_json())

    async def openapi(self) -> Mapping[str, Any]:
        return await self.run(_calls.openapi())

    async def metrics(self) -> str:
        return await self.run(_calls.metrics())

    async def log_status(self) -> Mapping[str, Any]:
        return await self.run(_calls.log_status())

    async def promote(self, *, force: bool = False) -> Mapping[str, Any]:
        """Lets a follower decide for itself. Never sent twice."""
        return await self.run(_calls.promote(force))

    def listen(self, conn_id: str, *, transport: str = "auto", reconnect: bool = True) -> AsyncListener:
        """Listens to a connection. `transport`: websocket, poll, or auto, which polls where no websocket passes."""
        return AsyncListener(self._target, conn_id, transport, reconnect)


class AsyncListener:
    """What is sent to a connection.

    >>> async with hub.listen(conn_id) as listener:
    ...     async for frame in listener:
    ...         print(frame["type"])

    It comes back as `Listener` does.
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

    async def receive(self) -> List[answers.Frame]:
        """The next messages, at least one. It may be cancelled, as by `asyncio.wait_for`, and called again."""
        while not self._is_closed:
            if self._step is None:
                self._go_on(lambda: next(self._steps))
                continue
            step = self._step
            if isinstance(step, Deliver):
                self._go_on(lambda: self._steps.send(b""))
                return step.frames
            await self._perform(step)
        raise ChannelstreamError("the listener is closed")

    def _go_on(self, advance: Callable[[], Step]) -> None:
        try:
            step = advance()
        except BaseException:
            self._is_closed = True
            self._performer.close()
            raise
        self._step = step
        wait = step.timeout if isinstance(step, Read) else step.seconds if isinstance(step, Sleep) else 0.0
        self._until = asyncio.get_running_loop().time() + wait

    async def _perform(self, step: Step) -> None:
        # A step that was cancelled goes on for the rest of its time.
        wait = max(0.0, self._until - asyncio.get_running_loop().time())
        if isinstance(step, Read):
            step = Read(wait)
        if isinstance(step, Sleep):
            step = Sleep(wait)
        try:
            result = await self._performer.perform(step)
        except NetworkError as error:
            if self._is_closed:
                return
            failure = error
            return self._go_on(lambda: self._steps.throw(failure))
        if not self._is_closed:
            self._go_on(lambda: self._steps.send(result))

    async def __aiter__(self) -> AsyncIterator[answers.Frame]:
        while not self._is_closed:
            try:
                frames = await self.receive()
            except ChannelstreamError:
                # close() in another task, or in the loop's body, ends the loop.
                if self._was_left:
                    return
                raise
            for frame in frames:
                yield frame

    async def close(self, *, keep: bool = False) -> None:
        """Stops listening, and ends the connection; with `keep`, somebody may take it up within some seconds."""
        opened, self._performer.connection = self._performer.connection, None
        if not self._is_closed and opened and self._state.by_websocket and not keep:
            opened[1].write(close_frame(1000))
        self._was_left = self._was_left or not self._is_closed
        self._is_closed = True
        self._performer.close()
        if opened:
            await _end(opened[1])
        await self._connections.close()

    async def __aenter__(self) -> AsyncListener:
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        await self.close()
