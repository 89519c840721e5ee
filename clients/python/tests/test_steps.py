"""What is sent again, and when: the steps of calls and listeners, without a socket or a clock."""

from __future__ import annotations

from typing import Any, List, Union

import pytest

from channelstream_client import NetworkError, RequestTimeout, Unavailable, UnknownConnection, _calls
from channelstream_client import _websocket as websocket
from channelstream_client._http import ResponseReader, encode_request
from channelstream_client._listening import State, listening
from channelstream_client._steps import Close, Deliver, Open, Read, Sleep, Steps, Target, Write

Reaction = Union[bytes, NetworkError]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\nRetry-After: 7\r\n\r\n{}"
SLOW = RequestTimeout("slow", sent=True)
LOST = NetworkError("lost", sent=True)


def play(steps: Steps[Any], reads: List[Reaction], opens: Any = ()) -> Any:
    """Reacts to each Read, and to each Open while there are reactions; returns what came of it, and all steps."""
    opens, done = list(opens), []
    reads = list(reads)
    try:
        step = next(steps)
        while True:
            done.append(step)
            result: Reaction = b""
            if isinstance(step, Open) and opens:
                result = opens.pop(0)
            if isinstance(step, Read):
                result = reads.pop(0)
            step = steps.throw(result) if isinstance(result, NetworkError) else steps.send(result)
    except StopIteration as end:
        return end.value, done
    except Exception as error:  # noqa: BLE001, it is what came of it
        return error, done


def target(**options: Any) -> Target:
    return Target("http://hub:8000/prefix", "secret", chance=lambda: 1.0, **options)


def sleeps(steps: List[Any]) -> List[float]:
    return [step.seconds for step in steps if isinstance(step, Sleep)]


POST, INFO = _calls.post([{"user": "alice", "channel": "x"}]), _calls.info(None)


@pytest.mark.parametrize("failure", [SLOW, LOST, b"", BUSY], ids=["slow", "lost", "ended", "busy"])
def test_a_message_is_never_sent_twice_when_the_hub_may_have_it(failure: Reaction) -> None:
    value, steps = play(_calls.exchange(target(), POST), [failure, OK])
    assert isinstance(value, (NetworkError, Unavailable))
    assert len([step for step in steps if isinstance(step, Write)]) == 1


def test_a_message_is_sent_again_when_the_hub_surely_has_not_got_it() -> None:
    value, steps = play(_calls.exchange(target(), POST), [OK], opens=[NetworkError("nobody there"), b""])
    assert value == []
    assert sleeps(steps) == [0.2]


@pytest.mark.parametrize("failure, seconds", [(SLOW, [0.2, 0.4]), (LOST, [0.2, 0.4]), (BUSY, [7.2, 7.4])])
def test_what_may_be_repeated_is_sent_three_times(failure: Reaction, seconds: List[float]) -> None:
    value, steps = play(_calls.exchange(target(), INFO), [failure, failure, OK])
    assert value == []
    assert sleeps(steps) == pytest.approx(seconds)
    value, steps = play(_calls.exchange(target(), INFO), [failure, failure, failure, OK])
    assert isinstance(value, (NetworkError, Unavailable))
    value, steps = play(_calls.exchange(target(retries=0), INFO), [failure, OK])
    assert isinstance(value, (NetworkError, Unavailable)) and not sleeps(steps)


def test_a_hub_that_asks_for_minutes_is_told_of_at_once() -> None:
    value, steps = play(_calls.exchange(target(), INFO), [BUSY.replace(b"7", b"120")])
    assert isinstance(value, Unavailable) and value.retry_after == 120
    assert not sleeps(steps)


def test_a_refusal_is_not_repeated() -> None:
    value, steps = play(_calls.exchange(target(), INFO), [BUSY.replace(b"503", b"422")])
    assert value.status == 422 and not sleeps(steps)


def test_a_stale_connection_is_replaced_at_once_if_the_call_may_be_repeated() -> None:
    value, steps = play(_calls.exchange(target(), INFO), [b"", OK], opens=[b"reused", b""])
    assert value == [] and not sleeps(steps)
    assert [step.reuse for step in steps if isinstance(step, Open)] == [True, False]
    value, _ = play(_calls.exchange(target(), POST), [b"", OK], opens=[b"reused", b""])
    assert isinstance(value, NetworkError) and value.sent


def test_the_request_is_signed_anew_and_knows_the_prefix() -> None:
    _, steps = play(_calls.exchange(target(headers={"X-Mine": "1"}), INFO), [OK])
    (request,) = [step.data for step in steps if isinstance(step, Write)]
    assert request.startswith(b"POST /prefix/info HTTP/1.1\r\nHost: hub:8000\r\nX-Mine: 1\r\n")
    assert b"\r\nX-Channelstream-Secret: channelstream." in request
    assert isinstance(steps[-1], Close) and steps[-1].keep


def test_the_same_conn_id_is_sent_again() -> None:
    _, steps = play(_calls.exchange(target(), _calls.connect("alice", None)), [LOST, OK])
    bodies = [step.data.partition(b"\r\n\r\n")[2] for step in steps if isinstance(step, Write)]
    assert len(bodies) == 2 and bodies[0] == bodies[1] and b"conn_id" in bodies[0]


def test_a_header_that_would_be_two_is_refused() -> None:
    with pytest.raises(ValueError):
        encode_request("GET", "/", {"A": "b\r\nC: d"})


# Answers


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    "text, body, keeps",
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"hello", True),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"hello", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", b"hello", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n", b"hello", True),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", b"hello", False),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
        (b"HTTP/1.0 200 OK\r\n\r\nhello", b"hello", False),
    ],
)
def test_an_answer_is_read_however_it_comes(text: bytes, body: bytes, keeps: bool, size: int) -> None:
    reader, response = ResponseReader(1000), None
    for start in range(0, len(text), size):
        response = reader.feed(text[start : start + size])
    response = response or reader.feed(b"")
    assert response is not None and response.body == body
    assert reader.keeps_alive is keeps


@pytest.mark.parametrize(
    "text",
    [
        b"", b"HTTP/1.1 200 OK\r\n", b"SSH-2.0\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n", b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2000,
    ],
)
def test_what_is_no_answer_is_an_error(text: bytes) -> None:
    reader = ResponseReader(1000)
    with pytest.raises(NetworkError):
        reader.feed(text)
        reader.feed(b"")


# Websockets


def server_frame(opcode: int, payload: bytes, final: bool = True) -> bytes:
    assert len(payload) < 126
    return bytes([(0x80 if final else 0) | opcode, len(payload)]) + payload


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_frames_are_read_however_they_come(size: int) -> None:
    text = server_frame(1, b"[1", final=False) + server_frame(9, b"?") + server_frame(0, b",2]")
    text += server_frame(10, b"") + server_frame(1, b"[]") + server_frame(8, b"\x03\xf5") + server_frame(8, b"")
    reader, events = websocket.FrameReader(1000), []
    for start in range(0, len(text), size):
        events += reader.feed(text[start : start + size])
    assert events == [
        websocket.Ping(b"?"), websocket.Text(b"[1,2]"), websocket.Text(b"[]"), websocket.Close(1013),
        websocket.Close(None),
    ]


@pytest.mark.parametrize(
    "frame",
    [
        b"\xc1\x00", b"\x81\x81abcd", server_frame(0, b"x"), server_frame(1, b"", False) + server_frame(1, b""),
        server_frame(3, b""), b"\x81\x7f" + (2000).to_bytes(8, "big"),
    ],
)
def test_frames_that_break_the_protocol_are_an_error(frame: bytes) -> None:
    with pytest.raises(NetworkError):
        websocket.FrameReader(1000).feed(frame)


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_what_a_client_sends_is_masked_and_as_long_as_it_says(size: int) -> None:
    frame = websocket.encode_frame(1, b"a" * size)
    start = 2 if size < 126 else 4 if size < 65536 else 10
    assert frame[1] & 0x80
    assert len(frame) == start + 4 + size
    mask, payload = frame[start : start + 4], frame[start + 4 :]
    assert bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload)) == b"a" * size


# Listeners


def listener(transport: str = "poll", reconnect: bool = True) -> Steps[None]:
    return listening(target(), "id", transport, reconnect, State())


class Enough(NetworkError):
    """Ends a script; a listener that comes back goes on after it, and finds no more reactions."""


def poll_until_enough(*reads: Reaction) -> List[Any]:
    value, steps = play(listener(), list(reads))
    assert isinstance(value, IndexError)
    return steps  # type: ignore[no-any-return]


def test_a_listener_waits_longer_each_time_until_something_was_heard() -> None:
    steps = poll_until_enough(LOST, LOST, LOST, OK, LOST)
    assert sleeps(steps) == [2.0, 4.0, 8.0, 2.0]


def test_a_listener_honours_retry_after() -> None:
    assert sleeps(poll_until_enough(BUSY, OK)) == [9.0]


def test_a_poll_delivers_and_passes_heartbeats_over() -> None:
    full = OK.replace(b"2\r\n\r\n[]", b'16\r\n\r\n[{"type":"abc"}]')
    steps = poll_until_enough(OK, full, OK)
    assert [step.frames for step in steps if isinstance(step, Deliver)] == [[{"type": "abc"}]]


def test_an_unknown_connection_ends_a_listener() -> None:
    value, steps = play(listener(), [BUSY.replace(b"503", b"401")])
    assert isinstance(value, UnknownConnection) and not sleeps(steps)


def test_a_page_of_a_portal_is_no_message() -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"
    assert sleeps(poll_until_enough(page)) == [2.0]


def test_without_reconnect_the_first_loss_is_told() -> None:
    for reaction in (LOST, BUSY):
        value, steps = play(listener(reconnect=False), [reaction])
        assert isinstance(value, (NetworkError, Unavailable)) and not sleeps(steps)


@pytest.mark.parametrize("code, seconds", [(1001, 5.0), (1012, 5.0), (1013, 5.0), (1011, 2.0)])
def test_after_a_close_that_goes_to_all_clients_they_spread(
    code: int, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket.Handshake, "check", lambda self, response: None)
    answer = b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + server_frame(8, code.to_bytes(2, "big"))
    value, steps = play(listener("websocket"), [answer])
    assert isinstance(value, IndexError)
    assert sleeps(steps) == [seconds]
