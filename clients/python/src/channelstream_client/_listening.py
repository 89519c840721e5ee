"""Listening to a connection: by websocket or long poll, coming back when it is lost."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any, List, NoReturn, Optional, cast

from . import _websocket as websocket
from ._calls import Call, refusal, send
from ._http import ResponseReader, encode_request
from ._steps import Backoff, Close, Deliver, Open, Read, Sleep, Steps, Target, Write
from .errors import BadSignature, ConnectionEnded, NetworkError, Refused, Replaced, UnknownConnection

_GOING_AWAY, _RESTART, _TRY_AGAIN, _REPLACED = 1001, 1012, 1013, 4000
_SILENCE = 15.0
"""The hub sends a heartbeat about every five seconds. Seconds."""
_SIGN_OF_LIFE = 10.0
_POLL_TIMEOUT = 30.0


@dataclass
class State:
    """What a listener's owner may want to know of it."""

    by_websocket: bool = False
    """Whether a websocket is open."""


def listening(target: Target, conn_id: str, transport: str, reconnect: bool, state: State) -> Steps[None]:
    """Delivers what is sent to a connection.

    Ends by raising ConnectionEnded, or what a hub refuses it with; with `reconnect` not by a NetworkError.
    """
    delays = Backoff(2.0, 60.0, target.chance)
    polls = transport == "poll"
    while True:
        hint, spread = 0.0, 0.0
        try:
            if polls:
                yield from _poll(target, conn_id, delays)
            code = yield from _listen_by_websocket(target, conn_id, delays, state)
            if code == 1000:
                raise ConnectionEnded("the hub has ended the connection")
            if code == _REPLACED:
                raise Replaced("another listener took the connection over")
            if not reconnect:
                raise NetworkError("the hub closed the websocket (%s)" % code)
            # A server says this to all its clients at once.
            spread = 5.0 if code in (_GOING_AWAY, _RESTART, _TRY_AGAIN) else 0.0
        except BadSignature as error:
            # Listeners have no signature: 401 is about the conn_id.
            raise UnknownConnection("the hub does not know the connection") from error
        except Refused as error:
            if error.status == 429 or error.status >= 500:
                if not reconnect:
                    raise
                hint = error.retry_after or 0.0
            elif transport == "auto" and not polls:
                # Something on the way lets no websocket pass.
                polls = True
                continue
            else:
                raise
        except NetworkError:
            if not reconnect:
                raise
        yield Close(keep=False)
        yield Sleep(delays.next(hint, spread))


def _frames(text: bytes) -> List[Any]:
    try:
        frames = cast(List[Any], json.loads(text))
    except ValueError:
        frames = None
    if not isinstance(frames, list):
        raise NetworkError("this is no list of messages: %r" % text[:80])
    return frames


def _poll(target: Target, conn_id: str, delays: Backoff) -> Steps[NoReturn]:
    call: Call[bytes] = Call("GET", "/listen", lambda response: response.body, query={"conn_id": conn_id}, signed=False)
    while True:
        response = yield from send(target, call, _POLL_TIMEOUT)
        if response.status >= 300:
            raise refusal(response)
        frames = _frames(call.read(response))
        delays.reset()
        if frames:
            yield Deliver(frames)


def _listen_by_websocket(target: Target, conn_id: str, delays: Backoff, state: State) -> Steps[Optional[int]]:
    """The code with which the hub closed it."""
    yield Open(reuse=False)
    try:
        rest = yield from _shake_hands(target, conn_id)
        state.by_websocket = True
        reader = websocket.FrameReader(target.largest_answer)
        beats = False
        sent = time.monotonic()
        data = rest
        while True:
            for event in reader.feed(data):
                if isinstance(event, websocket.Close):
                    yield Write(websocket.close_frame(1000 if event.code is None else event.code))
                    return event.code
                if isinstance(event, websocket.Ping):
                    yield Write(websocket.pong_frame(event.data))
                if isinstance(event, websocket.Text):
                    frames = _frames(event.data)
                    delays.reset()
                    beats = beats or not frames
                    if frames:
                        yield Deliver(frames)
            if time.monotonic() - sent >= _SIGN_OF_LIFE:
                sent = time.monotonic()
                yield Write(websocket.text_frame('{"type":"heartbeat"}'))
            # Servers of the release 0.7.1 do not send heartbeats to every socket.
            data = yield Read(_SILENCE if beats else 20 * _SILENCE)
            if not data:
                raise NetworkError("the connection is lost")
    finally:
        state.by_websocket = False


def _shake_hands(target: Target, conn_id: str) -> Steps[bytes]:
    """What came behind the server's answer."""
    handshake = websocket.Handshake()
    headers = {**target.base_headers(), **handshake.headers}
    yield Write(encode_request("GET", target.path("/ws", {"conn_id": conn_id}), headers))
    reader = ResponseReader(target.largest_answer)
    response = None
    end = time.monotonic() + target.timeout
    while response is None:
        response = reader.feed((yield Read(end - time.monotonic())))
    if response.status != 101:
        raise refusal(response)
    handshake.check(response)
    return reader.rest
