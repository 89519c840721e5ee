"""The calls and the listener, with a real hub; blocking and for asyncio."""

from __future__ import annotations

import asyncio
import datetime
import inspect
import threading
from typing import Any, Awaitable, Callable, List

import pytest
from conftest import SECRET, URL, Way, eventually, unique

import channelstream_client as client
from channelstream_client import AsyncHub, Frame, Hub, Listener
from channelstream_client.evidence import Checkpoint, Receipt, VerifierKey, verify_growth, verify_line


def texts(frames: List[Frame]) -> List[str]:
    return [frame["message"]["text"] for frame in frames if frame["type"] == "message"]


def receive_text(listener: Listener, text: str) -> Frame:
    """The frame with a text; those before it are passed over."""
    while True:
        for frame in listener.receive(timeout=10):
            if frame["type"] == "message" and frame["message"].get("text") == text:
                return frame


def test_every_call_of_users_and_channels(hub: Hub) -> None:
    alice, room, other = unique("alice"), unique("room"), unique("other")
    joined = hub.connect(
        alice, channels=[room], fresh_user_state={"since": 1}, user_state={"colour": "red"},
        state_public_keys=["colour"], channel_configs={room: {"store_history": True, "notify_presence": True}},
        info={"include_history": False},
    )
    assert joined["public_state"] == {"colour": "red"}
    assert joined["channels_info"]["channels"][room]["settings"]["store_history"] is True
    conn_id = joined["conn_id"]
    assert hub.connect(alice, conn_id=conn_id)["conn_id"] == conn_id
    assert hub.subscribe(conn_id, [other])["subscribed_to"] == [other]
    assert hub.unsubscribe(conn_id, [other])["channels"] == [room]
    changed = hub.user_state(alice, {"colour": "blue"})
    assert changed["changed_state"] == [{"key": "colour", "value": "blue"}]
    assert hub.user_state(alice, state_public_keys=[])["public_keys"] == []
    configured = hub.channel_config({other: {"history_size": 3}})
    assert configured["channels"][other]["settings"]["history_size"] == 3
    seen = hub.info(channels=[room, other], exclude_channels=[other], return_public_state=True)
    assert list(seen["channels"]) == [room]
    assert seen["users"] == [{"user": alice, "state": {}}]
    assert hub.disconnect(conn_id) is True
    assert hub.disconnect(conn_id) is False


def test_every_call_of_messages_and_what_the_log_says_of_them(hub: Hub) -> None:
    room = unique("room")
    hub.channel_config({room: {"store_history": True}})
    first, second = hub.post(
        {"user": "alice", "channel": room, "message": {"text": "one"}, "extra": "kept"},
        {"user": "bob", "channel": room, "message": {"text": "two"}},
    )
    assert first["message"] == {"text": "one"}
    bulk = hub.post_bulk({"user": "carol", "channel": room, "message": {"text": str(n)}} for n in range(120))
    assert bulk["accepted"] == 120
    hub.edit({"uuid": first["uuid"], "channel": room, "message": {"text": "one, edited"}})
    hub.delete({"uuid": second["uuid"], "channel": room})

    page = hub.history(room, limit=1)
    assert page["messages"][0]["message"]["uuid"] == bulk["last"]
    oldest = [entry["message"]["uuid"] for entry in hub.messages(room, oldest_first=True)]
    newest = [entry["message"]["uuid"] for entry in hub.messages(room)]
    assert oldest[:2] == [first["uuid"], second["uuid"]] and len(oldest) == 122
    assert newest == oldest[::-1]
    lines = hub.lineage(first["uuid"])["lines"]
    assert [line["type"] for line in lines] == ["message.posted", "message.edited"]
    assert len(hub.lineage(first["uuid"], as_of=lines[0]["seq"])["lines"]) == 1

    past = hub.info(channels=[room], as_of=lines[1]["seq"] - 1)["channels"][room]
    assert "edited" not in [one.get("message", {}).get("text") for one in past["history"]]
    moment = datetime.datetime.now(datetime.timezone.utc)
    assert room in hub.info(channels=[room], as_of=moment)["channels"]

    erased = hub.erase(message=first["uuid"], reason="a test", ordered_by="pytest")
    assert erased["complete"] and erased["lines"] == 2
    assert hub.lineage(first["uuid"])["lines"][0]["content"] is None


def test_what_the_hub_proves_is_checked_without_it(hub: Hub) -> None:
    room = unique("room")
    key = VerifierKey.parse(hub.log_key())
    (posted,) = hub.post({"user": "ada", "channel": room, "message": {"text": "I will pay on Monday"}})
    receipt = Receipt.verify(hub.receipt(posted["uuid"]), key)
    assert receipt.event["content"] == {"message": {"text": "I will pay on Monday"}}
    assert Receipt.verify(hub.receipt(posted["uuid"], line="redacted"), key).seq == receipt.seq
    old = Checkpoint.verify(hub.checkpoint(), key)
    hub.post({"user": "ada", "channel": room, "message": {"text": "or on Tuesday"}})
    proof = hub.inclusion_proof(receipt.seq)
    assert verify_line(receipt.line, proof, key).size == proof["size"]
    hub.inclusion_proof(old.size + 2)
    new = verify_growth(old, hub.consistency_proof(old.size), key)
    assert new.size > old.size

    hub.erase(message=posted["uuid"], reason="a test")
    assert Receipt.verify(hub.receipt(posted["uuid"]), key).event["commit"]
    other = VerifierKey.parse("hub.example/log+6b1dcc3d+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea")
    with pytest.raises(client.ProofError):
        Receipt.verify(hub.receipt(posted["uuid"]), other)


def test_calls_of_operators(hub: Hub) -> None:
    assert hub.admin_json()["version"]
    assert "/message" in hub.openapi()["paths"]
    assert "channelstream_log_end" in hub.metrics()
    assert hub.log_status()["role"] == "primary"
    with pytest.raises(client.Conflict):
        hub.promote()


def test_refusals_say_what_is_wrong(hub: Hub) -> None:
    with pytest.raises(client.Invalid) as refused:
        hub.connect("", channels=["x" * 257])
    assert refused.value.status == 422
    assert set(refused.value.errors) == {"username", "channels"}
    with pytest.raises(client.NotFound) as missing:
        hub.history(unique("never"))
    assert missing.value.reasons
    with pytest.raises(client.BadSignature):
        with Hub(URL, "another secret") as stranger:
            stranger.info()
    with pytest.raises(client.Forbidden):
        with Hub(URL) as stranger:
            stranger.info()
    with pytest.raises(client.NetworkError) as nobody:
        Hub("http://127.0.0.1:1", retries=0).log_key()
    assert not nobody.value.sent
    with pytest.raises(ValueError):
        Hub("127.0.0.1:8000")
    with pytest.raises(ValueError):
        Hub(URL).signature()


@pytest.mark.parametrize("transport", ["websocket", "poll"])
def test_a_listener_hears_what_is_said_in_order(hub: Hub, transport: str) -> None:
    room = unique("room")
    conn_id = hub.connect(unique("alice"), channels=[room])["conn_id"]
    with hub.listen(conn_id, transport=transport) as listener:
        for number in range(20):
            hub.post({"user": "bob", "channel": room, "message": {"text": str(number)}})
        heard: List[str] = []
        while len(heard) < 20:
            heard += texts(listener.receive(timeout=10))
        assert heard == [str(number) for number in range(20)]
        with pytest.raises(TimeoutError):
            listener.receive(timeout=0.2)
        hub.post({"user": "bob", "channel": room, "message": {"text": "after the silence"}})
        assert receive_text(listener, "after the silence")


def test_a_large_message_comes_whole(hub: Hub) -> None:
    room, text = unique("room"), "é" * 300_000
    conn_id = hub.connect(unique("alice"), channels=[room])["conn_id"]
    with hub.listen(conn_id, transport="websocket") as listener:
        hub.post({"user": "bob", "channel": room, "message": {"text": text}})
        assert receive_text(listener, text)


@pytest.mark.parametrize("transport", ["websocket", "poll"])
def test_who_loses_the_network_comes_back_and_misses_nothing(hub: Hub, way: Way, transport: str) -> None:
    room = unique("room")
    conn_id = hub.connect(unique("alice"), channels=[room])["conn_id"]
    say: Callable[[str], Any] = lambda text: hub.post({"user": "bob", "channel": room, "message": {"text": text}})
    with Hub(way.url, chance=lambda: 0.01).listen(conn_id, transport=transport) as listener:
        say("one")
        receive_text(listener, "one")
        way.state = "closed"
        way.cut()
        say("two")
        threading.Timer(0.3, lambda: setattr(way, "state", "open")).start()
        assert receive_text(listener, "two")
        say("three")
        assert receive_text(listener, "three")


def test_where_no_websocket_passes_it_polls(hub: Hub, way: Way) -> None:
    room = unique("room")
    way.state = "no websockets"
    conn_id = hub.connect(unique("alice"), channels=[room])["conn_id"]
    with Hub(way.url).listen(conn_id) as listener:
        hub.post({"user": "bob", "channel": room, "message": {"text": "polled"}})
        assert receive_text(listener, "polled")
    with Hub(way.url).listen(conn_id, transport="websocket") as listener:
        with pytest.raises(client.BadRequest):
            listener.receive(timeout=5)


@pytest.mark.parametrize("transport", ["websocket", "poll"])
def test_a_connection_that_is_over_says_so(hub: Hub, transport: str) -> None:
    with hub.listen("11111111-1111-4111-8111-222222222222", transport=transport) as listener:
        with pytest.raises(client.UnknownConnection):
            listener.receive(timeout=10)
    conn_id = hub.connect(unique("alice"), channels=["x"])["conn_id"]
    with hub.listen(conn_id, transport=transport) as listener:
        hub.post({"user": "bob", "channel": "x", "message": {"text": conn_id}})
        receive_text(listener, conn_id)
        timer = threading.Timer(0.2, hub.disconnect, [conn_id])
        timer.start()
        with pytest.raises(client.ConnectionEnded):
            for _ in range(10):
                listener.receive(timeout=10)
        timer.join()


def test_who_is_replaced_does_not_quarrel(hub: Hub) -> None:
    room = unique("room")
    conn_id = hub.connect(unique("alice"), channels=[room])["conn_id"]
    hub.post({"user": "bob", "channel": room, "message": {"text": "one"}})
    with hub.listen(conn_id, transport="websocket") as first, hub.listen(conn_id, transport="websocket") as second:
        receive_text(first, "one")
        threading.Thread(target=list, args=(second,), daemon=True).start()
        with pytest.raises(client.Replaced):
            for _ in range(10):
                first.receive(timeout=10)


def test_closing_ends_the_connection_or_keeps_it(hub: Hub) -> None:
    room = unique("room")

    def is_known(conn_id: str) -> bool:
        try:
            hub.unsubscribe(conn_id, [unique("never")])
        except client.Invalid:
            return False
        return True

    conn_id = hub.connect(unique("alice"), channels=[room])["conn_id"]
    hub.post({"user": "bob", "channel": room, "message": {"text": "one"}})
    for keep in (True, False):
        listener = hub.listen(conn_id, transport="websocket")
        hub.post({"user": "bob", "channel": room, "message": {"text": "again"}})
        receive_text(listener, "again")
        heard: List[Frame] = []
        loop = threading.Thread(target=lambda: heard.extend(listener))
        loop.start()
        listener.close(keep=keep)
        loop.join(timeout=10)
        assert not loop.is_alive(), "close() ends the loop of another thread"
        if keep:
            assert is_known(conn_id)
    eventually(lambda: not is_known(conn_id))


# For asyncio


def run(work: Callable[[AsyncHub], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with AsyncHub(URL, SECRET) as hub:
            await asyncio.wait_for(work(hub), 30)

    asyncio.run(whole())


def test_both_hubs_have_the_same_calls() -> None:
    def calls(kind: type) -> Any:
        found = inspect.getmembers(kind, inspect.isfunction)
        return {name: list(inspect.signature(one).parameters.items()) for name, one in found if name[0] != "_"}

    assert calls(Hub) == calls(AsyncHub)


def test_calls_run_side_by_side() -> None:
    async def work(hub: AsyncHub) -> None:
        room = unique("room")
        await hub.channel_config({room: {"store_history": True}})
        say = [hub.post({"user": "bob", "channel": room, "message": {"text": str(n)}}) for n in range(30)]
        await asyncio.gather(*say)
        found = [entry["message"]["message"]["text"] async for entry in hub.messages(room)]
        assert sorted(found, key=int) == [str(n) for n in range(30)]
        with pytest.raises(client.Invalid):
            await hub.connect("")

    run(work)


@pytest.mark.parametrize("transport", ["websocket", "poll"])
def test_an_async_listener_may_be_cancelled_and_called_again(way: Way, transport: str) -> None:
    async def work(hub: AsyncHub) -> None:
        room = unique("room")
        conn_id = (await hub.connect(unique("alice"), channels=[room]))["conn_id"]
        async with AsyncHub(way.url, chance=lambda: 0.01).listen(conn_id, transport=transport) as listener:
            heard: List[str] = []
            for number in range(40):
                await hub.post({"user": "bob", "channel": room, "message": {"text": str(number)}})
                if number == 20:
                    way.cut()
                try:
                    heard += texts(await asyncio.wait_for(listener.receive(), 0.01))
                except asyncio.TimeoutError:
                    pass
            while "39" not in heard:
                heard += texts(await listener.receive())
            assert list(dict.fromkeys(heard)) == [str(number) for number in range(40)]

    run(work)


def test_closing_an_async_listener_ends_its_loop() -> None:
    async def work(hub: AsyncHub) -> None:
        room = unique("room")
        conn_id = (await hub.connect(unique("alice"), channels=[room]))["conn_id"]
        listener = hub.listen(conn_id)
        heard: List[Frame] = []

        async def loop() -> None:
            async for frame in listener:
                heard.append(frame)

        task = asyncio.ensure_future(loop())
        await hub.post({"user": "bob", "channel": room, "message": {"text": "one"}})
        while not heard:
            await asyncio.sleep(0.01)
        await listener.close()
        await asyncio.wait_for(task, 5)
        assert texts(heard) == ["one"]
        with pytest.raises(client.ChannelstreamError):
            await listener.receive()

    run(work)
