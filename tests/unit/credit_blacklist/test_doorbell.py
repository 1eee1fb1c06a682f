"""The doorbell rings once for everybody; who listens slowly is given the newest head, who cannot go on is told."""

import asyncio
import json
from collections.abc import AsyncIterator, MutableMapping
from contextlib import aclosing
from functools import partial
from typing import Any

import pytest

from libs.web import long_poll
from services.credit_blacklist.feed.distribution.doorbell import Doorbell, TooManyStreams
from services.credit_blacklist.feed.distribution.event_stream import COMMENT, EventStream, events_of, snapshot_event
from tests.unit.credit_blacklist.published import SESSION, Published

Sent = MutableMapping[str, Any]


@pytest.fixture
def feed() -> Published:
    return Published()


async def started(feed: Published, **bounds: int) -> Doorbell:
    doorbell = Doorbell(feed, **bounds)
    await doorbell.start()
    return doorbell


async def taken(events: AsyncIterator[bytes], count: int) -> list[bytes]:
    return [await asyncio.wait_for(anext(events), 5) for _ in range(count)]


@pytest.mark.asyncio
async def test_the_newest_head_is_sent_at_once_and_then_every_new_one(feed: Published) -> None:
    doorbell = await started(feed)
    first = feed.sign()
    with doorbell.listening("air", "airline") as listener:
        async with aclosing(events_of(listener, None)) as events:
            (one,) = await taken(events, 1)
            assert one == f"id: {SESSION}:0\nevent: head\ndata: {first.jws}\n\n".encode()
            feed.add("r-1")
            second = feed.sign()
            (two,) = await taken(events, 1)
            assert two == f"id: {SESSION}:1\nevent: head\ndata: {second.jws}\n\n".encode()
    await doorbell.stop()


@pytest.mark.asyncio
async def test_who_reads_slowly_is_given_the_newest_head_and_none_of_those_between(feed: Published) -> None:
    doorbell = await started(feed)
    feed.sign()
    with doorbell.listening("air", "airline") as listener:
        async with aclosing(events_of(listener, None, comment_seconds=0.05)) as events:
            await taken(events, 1)
            for _ in range(49):
                feed.add("r")
                feed.sign()
            newest = feed.sign()
            event, after = await taken(events, 2)
            assert newest.jws.encode() in event
            assert after == COMMENT
    await doorbell.stop()


@pytest.mark.asyncio
async def test_a_head_of_another_view_rings_nobody_here(feed: Published) -> None:
    doorbell = await started(feed)
    feed.sign()
    with doorbell.listening("rail", "railway") as listener:
        assert await listener.next(0.05) is None
    await doorbell.stop()


@pytest.mark.asyncio
async def test_quiet_times_are_filled_with_comments_and_a_stream_ends_after_its_time(feed: Published) -> None:
    doorbell = await started(feed)
    with doorbell.listening("air", "airline") as listener:
        sent = [event async for event in events_of(listener, None, comment_seconds=0.02, seconds_max=0.1)]
    assert len(sent) >= 3
    assert set(sent) == {COMMENT}
    await doorbell.stop()


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (None, None),
        ("", None),
        (f"{SESSION}:9", None),
        (f"{SESSION}:3", "POSITION_EXPIRED"),
        (f"{SESSION}:4", None),
        ("another-session:9", "SESSION_CHANGED"),
        ("no position", "SESSION_CHANGED"),
        (f"{SESSION}:-1", "SESSION_CHANGED"),
        (f"{SESSION}:" + "9" * 190, None),
    ],
)
def test_who_cannot_go_on_from_its_last_event_is_told_to_take_the_snapshot(
    feed: Published, last: str | None, reason: str | None
) -> None:
    head = feed.sign(oldest_sequence=5)
    event = snapshot_event(last, head)
    if reason is None:
        assert event is None
    else:
        assert event is not None
        kind, data, *_ = event.decode().split("\n")
        assert kind == "event: snapshot_required"
        told = {"reason": reason, "session_id": SESSION, "oldest_sequence": 5}
        assert json.loads(data.removeprefix("data: ")) == told


@pytest.mark.asyncio
async def test_the_snapshot_event_comes_before_the_head_and_only_once(feed: Published) -> None:
    doorbell = await started(feed)
    feed.sign()
    with doorbell.listening("air", "airline") as listener:
        async with aclosing(events_of(listener, "dead-session:4")) as events:
            first, second = await taken(events, 2)
            assert first.startswith(b"event: snapshot_required\n")
            assert b"event: head" in second
            feed.sign()
            (third,) = await taken(events, 1)
            assert b"event: head" in third
    await doorbell.stop()


@pytest.mark.asyncio
async def test_a_subscriber_has_so_many_streams_and_no_more_until_one_is_closed(feed: Published) -> None:
    doorbell = await started(feed, per_subscriber_max=2, streams_max=3)
    with doorbell.listening("air", "airline"), doorbell.listening("air", "airline"):
        with pytest.raises(TooManyStreams), doorbell.listening("air", "airline"):
            pass
        with (
            doorbell.listening("air", "railway"),
            pytest.raises(TooManyStreams, match="process"),
            doorbell.listening("air", "bank"),
        ):
            pass
    with doorbell.listening("air", "airline"):
        pass
    await doorbell.stop()


class Client:
    """The other end of one request, as the server hands it to the application."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.served = asyncio.Event()
        self.gone = asyncio.Event()
        self.asked = 0

    async def receive(self) -> Sent:
        self.asked += 1
        if self.asked == 1:
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Sent) -> None:
        self.sent.append(message)
        if len(self.sent) == 2:
            self.served.set()


@pytest.mark.asyncio
async def test_a_client_that_leaves_is_let_go_of(feed: Published) -> None:
    doorbell = await started(feed, per_subscriber_max=1)
    feed.sign()
    client = Client()
    stream = EventStream(partial(doorbell.listening, "air", "airline"), None)
    serving = asyncio.create_task(stream({"type": "http"}, client.receive, client.send))
    await asyncio.wait_for(client.served.wait(), 5)
    client.gone.set()
    await asyncio.wait_for(serving, 5)
    with doorbell.listening("air", "airline"):
        pass
    assert client.sent[0]["status"] == 200
    await doorbell.stop()


@pytest.mark.asyncio
async def test_a_stream_ends_in_order_when_the_process_stops(feed: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    doorbell = await started(feed)
    feed.sign()
    client = Client()
    stream = EventStream(partial(doorbell.listening, "air", "airline"), None)
    serving = asyncio.create_task(stream({"type": "http"}, client.receive, client.send))
    await asyncio.wait_for(client.served.wait(), 5)
    monkeypatch.setattr(long_poll, "_stopping", _set())
    await asyncio.wait_for(serving, 2)
    assert client.sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
    await doorbell.stop()


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event
