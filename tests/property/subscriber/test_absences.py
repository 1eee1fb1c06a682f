"""For any history and any pattern of absences and kills, a subscriber ends with exactly the publisher's list."""

from __future__ import annotations

import asyncio
import copy
import tempfile
from functools import cache
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.contract.subscriber.killing import Killed, Reaper
from tests.contract.subscriber.publisher import Answer, Publisher, TestClock, problem
from tests.contract.subscriber.room import Room
from zhixing_feed import FeedFault, Limits, Subscriber, Unavailable
from zhixing_feed.database import connect

RECORDS = [f"record-{number}" for number in range(6)]
BEFORE = (0, 3, 254, 256, 511)
"""Entries before the history begins: its few steps cross the edge of a page, or do not."""

publishing = st.one_of(
    st.tuples(st.sampled_from(("put", "put", "remove", "correct")), st.sampled_from(RECORDS)),
    st.tuples(st.just("burst"), st.integers(1, 5)),
)
disturbing = st.one_of(
    st.tuples(st.just("snapshot"), st.just(0)),
    st.tuples(st.just("reset"), st.booleans()),
    st.tuples(st.just("hours"), st.integers(1, 30)),
    st.tuples(st.just("trim"), st.just(0)),
    st.tuples(st.just("rotate"), st.just(0)),
)
waking = st.one_of(
    st.tuples(st.just("sync"), st.just(0)),
    st.tuples(st.just("kill"), st.integers(0, 60)),
    st.tuples(st.just("cut"), st.sampled_from(("/pages/", "/snapshots/", "consistency", "heads"))),
)
histories = st.lists(st.one_of(publishing, publishing, disturbing, waking), min_size=1, max_size=25)


@cache
def published(entries: int) -> Publisher:
    publisher = Publisher(TestClock())
    for number in range(entries):
        publisher.put(f"before-{number % 200}", change="ADDED" if number < 200 else "UPDATED")
    return publisher


class Story:
    """One publisher, one copy, and what happens to both."""

    def __init__(self, folder: Path, before: int) -> None:
        self.publisher = copy.deepcopy(published(before))
        self.room = Room(folder, "http://publisher", self.publisher)
        self.room.limits = Limits(pages=2)
        self.seen: list[tuple[str, int]] = []

    async def happens(self, what: str, with_: str | int) -> None:
        match what, with_:
            case ("sync", _):
                await self.wakes()
            case ("kill", int(statements)):
                await self.dies(statements)
            case ("cut", str(part)):
                await self.is_cut_off(part)
            case _:
                self.is_published(what, with_)

    def is_published(self, what: str, with_: str | int) -> None:
        match what, with_:
            case ("put", str(record)):
                self.publisher.put(record)
            case ("correct", str(record)):
                correction = {"wrong_version": 1, "fields": ["duty"], "nature": "INACCURATE"}
                self.publisher.put(record, change="CORRECTED", correction=correction)
            case ("remove", str(record)):
                self.publisher.remove(record)
            case ("burst", int(count)):
                for number in range(count):
                    self.publisher.put(f"burst-{number}")
            case ("snapshot", _):
                self.publisher.take_snapshot()
            case ("reset", _):
                self.publisher.reset()
                if with_:
                    self.publisher.take_snapshot()
            case ("hours", int(hours)):
                self.publisher.clock.pass_(hours=hours)
            case ("trim", _):
                if self.publisher.snapshot_at:
                    self.publisher.oldest = self.publisher.snapshot_at + 1
            case ("rotate", _):
                self.publisher.rotate()

    async def wakes(self) -> None:
        async with self.room.client() as client, self.subscriber(client) as subscriber:
            await subscriber.sync()
            self.prove(subscriber)

    async def dies(self, statements: int) -> None:
        reaper = Reaper()
        async with self.room.client() as client:
            subscriber = self.subscriber(client, reaper)
            reaper.arm(statements)
            try:
                await subscriber.sync()
            except Killed:
                event("killed")
            finally:
                subscriber.store.database._reader.close()
                subscriber.store.database._writer.close()

    async def is_cut_off(self, part: str) -> None:
        self.publisher.tamper.append(lambda path, answer: _broken(path, answer, part))
        try:
            async with self.room.client() as client, self.subscriber(client) as subscriber:
                await subscriber.sync()
        except (Unavailable, FeedFault):
            event(f"cut off at {part}")
        finally:
            self.publisher.tamper.clear()

    def subscriber(self, client: httpx.AsyncClient, reaper: Reaper | None = None) -> Subscriber:
        return self.room.subscriber(client=client, opened=reaper.connect if reaper else connect)

    def prove(self, subscriber: Subscriber) -> None:
        publisher, state = self.publisher, subscriber.state()
        sequence = publisher.sequence
        wanted = {record_id: jws for record_id, (_, jws) in publisher.in_force(sequence).items()}
        assert {record_id: jws for record_id, _, jws in subscriber.store.in_force()} == wanted
        assert (state.session_id, state.sequence, state.ready) == (publisher.session.id, sequence, True)
        assert state.set_digest == publisher.set_at(sequence)["digest"]
        # The log root over all entries in their order: none was skipped, none came twice.
        assert state.log_root == publisher.log_root(sequence)
        assert subscriber.store.state is not None
        assert subscriber.store.state.frontier is not None
        assert subscriber.store.recounted().whole.digest() == state.set_digest
        position = (state.session_id, state.sequence)
        same_session = [seen for session, seen in self.seen if session == state.session_id]
        assert all(seen <= state.sequence for seen in same_session)
        self.seen.append(position)


def _broken(path: str, answer: Answer, part: str) -> Answer:
    return problem(503, "busy") if part in path else answer


@pytest.mark.rule("R-CRB-33")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=st.sampled_from(BEFORE), history=histories)
def test_whoever_was_away_or_killed_ends_with_the_publishers_list(
    before: int, history: list[tuple[str, str | int]]
) -> None:
    async def told() -> None:
        with tempfile.TemporaryDirectory() as folder:
            story = Story(Path(folder), before)
            for what, with_ in history:
                await story.happens(what, with_)
            await story.wakes()

    asyncio.run(told())


@pytest.mark.rule("R-CRB-33")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(statements=st.integers(0, 400), snapshot=st.booleans())
def test_a_first_copy_that_is_killed_at_any_statement_is_finished_by_the_next_life(
    statements: int, *, snapshot: bool
) -> None:
    async def told() -> None:
        with tempfile.TemporaryDirectory() as folder:
            story = Story(Path(folder), 256)
            if snapshot:
                story.publisher.take_snapshot()
            story.publisher.put("record-1")
            await story.dies(statements)
            await story.wakes()

    asyncio.run(told())
