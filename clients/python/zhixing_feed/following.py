"""The four ways to follow, each a loop that never ends by itself: take a head, tell the publisher, wait."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from zhixing_feed.alarms import AlarmCode, FeedFault
from zhixing_feed.bell import Bell
from zhixing_feed.engine import Brought
from zhixing_feed.event_stream import StreamEvent, events
from zhixing_feed.kafka_topics import TopicHead, TopicKind, reading, topic_name
from zhixing_feed.pacing import Pacing
from zhixing_feed.wire import Refused, Unavailable

if TYPE_CHECKING:
    from zhixing_feed.subscriber import Subscriber

SILENCE_S: Final = 45
"""The doorbell says something every 15 s; after three times nothing the line is dead."""
TOPIC_SILENCE_S: Final = 180
"""Heads are signed every 60 s; after three times none in the topic, HTTP is asked."""
_TROUBLE: Final = (Unavailable, Refused, FeedFault)


class Following:
    """One following of one subscriber."""

    def __init__(self, subscriber: Subscriber, pacing: Pacing, bell: Bell) -> None:
        """Take whom to move, how often, and whom to tell."""
        self._subscriber = subscriber
        self._pacing = pacing
        self._bell = bell

    async def pull(self) -> None:
        """Poll the head."""
        await self._pacing.sleep(self._pacing.start())
        while True:
            try:
                head = await self._subscriber.take_newest(fresh=self._pacing.failures > 0)
                wait = self._pacing.success(head.minimum_wait_s)
            except _TROUBLE as error:
                wait = self._failed(error)
            await self._subscriber.send_back()
            await self._pacing.sleep(wait)

    async def stream(self) -> None:
        """Listen to the doorbell; every head that it brings is followed by pages."""
        await self._pacing.sleep(self._pacing.start())
        while True:
            heads = 0
            try:
                async with self._subscriber.wire.stream(self._last_event_id(), SILENCE_S) as lines:
                    async for event in events(lines):
                        heads += await self._rang(event)
                # The publisher ends a stream now and then. Whoever got nothing out of it waits longer each time.
                wait = self._pacing.success(self._pacing.draw()) if heads else self._pacing.failure()
            except _TROUBLE as error:
                wait = self._failed(error)
            await self._pacing.sleep(wait)

    async def _rang(self, event: StreamEvent) -> int:
        if event.name == "snapshot_required":
            self._bell(AlarmCode.SNAPSHOT_REQUIRED, f"the doorbell says: {event.data[:200]}")
            return 0
        if event.name != "head":
            return 0
        await self._subscriber.take_head(event.data)
        self._pacing.success(0)
        await self._subscriber.send_back()
        return 1

    def _last_event_id(self) -> str | None:
        state = self._subscriber.store.state
        return f"{state.session_id}:{state.sequence}" if state else None

    async def kafka(self, kind: TopicKind, servers: str, view: str | None, prefix: str) -> None:
        """Read a topic from where the copy's last transaction says."""
        while True:
            try:
                known = self._subscriber.store.state
                if (known is None and view is None) or self._pacing.failures:
                    head = await self._subscriber.take_newest(fresh=True)
                    known_view = head.view
                else:
                    known_view = known.view if known else str(view)
                await self._read(topic_name(known_view, kind, prefix), kind, servers)
            except _TROUBLE as error:
                await self._pacing.sleep(self._failed(error))

    async def _read(self, topic: str, kind: TopicKind, servers: str) -> None:
        offset = self._subscriber.store.journal.offset(topic)
        heard, reached = time.monotonic(), ("", 0)
        async with reading(servers, topic, kind, offset) as reader:
            async for found in reader.heads():
                if found is not None:
                    await self._take(found, topic, kind, reached)
                    heard, reached = time.monotonic(), (found.session_id, found.sequence)
                elif time.monotonic() - heard > TOPIC_SILENCE_S:
                    await self._subscriber.take_newest()
                    heard = time.monotonic()

    async def _take(self, found: TopicHead, topic: str, kind: TopicKind, reached: tuple[str, int]) -> None:
        state = self._subscriber.store.state
        same = state is not None and state.session_id == found.session_id
        if (
            state is not None
            and same
            and found.sequence < state.sequence
            and (found.session_id, found.sequence)
            >= (reached if reached[0] == found.session_id else (found.session_id, 0))
        ):
            return  # HTTP was ahead of the topic. A topic that falls behind itself is judged like any other head.
        brought = Brought(found.entries, (topic, found.next_offset), compacted=kind == "entries")
        await self._subscriber.take_head(found.text, live=found.live, brought=brought)
        self._pacing.success(0)
        await self._subscriber.send_back()

    def _failed(self, error: Unavailable | Refused | FeedFault) -> float:
        if isinstance(error, Unavailable):
            self._bell(error.code, error.detail)
            return self._pacing.failure(error.wait_s)
        if isinstance(error, Refused):
            self._bell(AlarmCode.UNREACHABLE, str(error))
        return self._pacing.failure()
