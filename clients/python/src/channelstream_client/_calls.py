"""Every call of the hub, as a value: what is sent, how the answer is read, and whether it may be sent twice."""

from __future__ import annotations

import datetime
import json
import time
import uuid as uuids
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Generic, Iterable, List, Mapping, Optional, Sequence, TypeVar, Union
from urllib.parse import quote

from . import answers
from ._http import Response, ResponseReader, encode_request
from ._steps import Backoff, Close, Open, Read, Sleep, Steps, Target, Write
from .errors import NetworkError, Refused, RequestTimeout
from .signing import HEADER, sign

T = TypeVar("T")
AsOf = Union[int, str, datetime.datetime]

_LONGEST_HINT = 30.0
"""Seconds that a call waits at most because the hub asks for it; beyond, the refusal is raised at once."""


def _json(response: Response) -> Any:
    try:
        return json.loads(response.body)
    except ValueError:
        raise NetworkError("the answer is no JSON: %r" % response.body[:80], sent=True) from None


def _text(response: Response) -> str:
    return response.body.decode()


@dataclass(frozen=True)
class Call(Generic[T]):
    method: str
    path: str
    read: Callable[[Response], T]
    body: Optional[bytes] = None
    query: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    headers: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    repeatable: bool = True
    """Whether a second one changes nothing: only then it is sent again when nobody knows what became of the first."""
    signed: bool = True

    def encode(self, target: Target) -> bytes:
        headers = {**target.base_headers(), **self.headers}
        if self.signed and target.secret is not None:
            headers[HEADER] = sign(target.secret)
        if self.body is not None:
            headers.setdefault("Content-Type", "application/json")
        return encode_request(self.method, target.path(self.path, self.query), headers, self.body)


def refusal(response: Response) -> Refused:
    try:
        body = json.loads(response.body)
    except ValueError:
        body = response.body.decode("utf-8", "replace")
    return Refused.with_status(response.status, body, response.headers)


def send(target: Target, call: Call[T], timeout: float) -> Steps[Response]:
    """One attempt."""
    for may_reuse in (True, False):
        was_open = bool((yield Open(reuse=may_reuse)))
        reader = ResponseReader(target.largest_answer)
        response: Optional[Response] = None
        end = time.monotonic() + timeout
        try:
            yield Write(call.encode(target))
            while response is None:
                response = reader.feed((yield Read(end - time.monotonic())))
        except NetworkError as error:
            yield Close(keep=False)
            # A connection that nobody used for a while may have been closed by the hub just now.
            is_stale = was_open and not reader.has_begun and not isinstance(error, RequestTimeout)
            if is_stale and call.repeatable:
                continue
            raise
        yield Close(keep=reader.keeps_alive and not reader.rest)
        return response
    raise AssertionError("a connection that was not reused is not stale")


def exchange(target: Target, call: Call[T]) -> Steps[T]:
    """A call with its repetitions."""
    delays = Backoff(0.2, 5.0, target.chance)
    while True:
        failure: Union[NetworkError, Refused]
        hint = 0.0
        try:
            response = yield from send(target, call, target.timeout)
            if response.status < 300:
                return call.read(response)
            failure = refusal(response)
            hint = failure.retry_after or 0.0
            may_repeat = call.repeatable and failure.status in (429, 502, 503, 504) and hint <= _LONGEST_HINT
        except NetworkError as error:
            failure = error
            may_repeat = call.repeatable or not error.sent
        if not may_repeat or delays.attempts >= target.retries:
            raise failure
        yield Sleep(delays.next(hint))


def _fields(**fields: Any) -> Dict[str, Any]:
    """Those that were given."""
    return {name: value for name, value in fields.items() if value is not None}


def _query(**fields: Any) -> Dict[str, str]:
    """The same as text; a trailing underscore keeps a name from being a word of the language."""
    given = _fields(**fields)
    return {name.rstrip("_"): _place(value) for name, value in given.items()}


def _place(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime.datetime) else str(value)


def _encode(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def connect(username: str, conn_id: Optional[str], **fields: Any) -> Call[answers.ConnectAnswer]:
    # The id is drawn here: so the call may be repeated, and still is one connection.
    body = _fields(username=username, conn_id=conn_id or str(uuids.uuid4()), **fields)
    return Call("POST", "/connect", _json, _encode(body))


def subscribe(conn_id: str, channels: Sequence[str], **fields: Any) -> Call[answers.SubscribeAnswer]:
    return Call("POST", "/subscribe", _json, _encode(_fields(conn_id=conn_id, channels=list(channels), **fields)))


def unsubscribe(conn_id: str, channels: Sequence[str], **fields: Any) -> Call[answers.UnsubscribeAnswer]:
    return Call("POST", "/unsubscribe", _json, _encode(_fields(conn_id=conn_id, channels=list(channels), **fields)))


def disconnect(conn_id: str) -> Call[bool]:
    return Call("POST", "/disconnect", _json, _encode({"conn_id": conn_id}), signed=False)


def user_state(user: str, **fields: Any) -> Call[answers.UserStateAnswer]:
    return Call("POST", "/user_state", _json, _encode(_fields(user=user, **fields)))


def post(messages: Sequence[Mapping[str, Any]]) -> Call[List[answers.Message]]:
    return Call("POST", "/message", _json, _encode(messages), repeatable=False)


def post_bulk(messages: Iterable[Mapping[str, Any]]) -> Call[answers.BulkAnswer]:
    body = b"".join(_encode(message) + b"\n" for message in messages)
    return Call(
        "POST", "/message", _json, body, headers={"Content-Type": "application/x-ndjson"}, repeatable=False
    )


def edit(edits: Sequence[Mapping[str, Any]]) -> Call[List[Dict[str, Any]]]:
    return Call("PATCH", "/message", _json, _encode(edits), repeatable=False)


def delete(deletions: Sequence[Mapping[str, Any]]) -> Call[List[Dict[str, Any]]]:
    return Call("DELETE", "/message", _json, _encode(deletions), repeatable=False)


def channel_config(configs: Mapping[str, Mapping[str, Any]]) -> Call[answers.ChannelsInfo]:
    return Call("POST", "/channel_config", _json, _encode(configs))


def info(as_of: Optional[AsOf], **options: Any) -> Call[answers.ChannelsInfo]:
    return Call("POST", "/info", _json, _encode({"info": _fields(**options)}), query=_query(as_of=as_of))


def history(channel: str, **query: Any) -> Call[answers.HistoryPage]:
    return Call("GET", "/channels/%s/history" % quote(channel, safe=""), _json, query=_query(**query))


def lineage(uuid: str, **query: Any) -> Call[answers.Lineage]:
    return Call("GET", "/message/%s/lineage" % quote(uuid, safe=""), _json, query=_query(**query))


def log_key() -> Call[str]:
    return Call("GET", "/log/key", lambda response: _text(response).strip(), signed=False)


def checkpoint() -> Call[str]:
    return Call("GET", "/log/checkpoint", _text)


_AS_JSON = {"Accept": "application/json"}


def inclusion_proof(seq: int, size: Optional[int]) -> Call[answers.InclusionProof]:
    return Call("GET", "/log/proof/inclusion", _json, query=_query(seq=seq, size=size), headers=_AS_JSON)


def consistency_proof(old: int, new: Optional[int]) -> Call[answers.ConsistencyProof]:
    return Call("GET", "/log/proof/consistency", _json, query=_query(from_=old, to=new), headers=_AS_JSON)


def receipt(uuid: str, **query: Any) -> Call[str]:
    return Call("GET", "/message/%s/proof" % quote(uuid, safe=""), _text, query=_query(**query))


def erase(**fields: Any) -> Call[answers.Erasure]:
    return Call("POST", "/admin/erase", _json, _encode(_fields(**fields)))


def admin_json() -> Call[Dict[str, Any]]:
    return Call("GET", "/admin/admin.json", _json)


def openapi() -> Call[Dict[str, Any]]:
    return Call("GET", "/openapi.json", _json)


def metrics() -> Call[str]:
    return Call("GET", "/metrics", _text, signed=False)


def log_status() -> Call[Dict[str, Any]]:
    return Call("GET", "/log/status", _json)


def promote(force: bool) -> Call[Dict[str, Any]]:
    return Call("POST", "/admin/promote", _json, b"", query={"force": "true"} if force else {}, repeatable=False)
