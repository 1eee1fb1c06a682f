"""Reading the Kafka topics: entries wait for their head; a compacted topic forgets, and that is no fault."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from zhixing_feed import kafka_topics
from zhixing_feed.kafka_topics import TopicHead, TopicKind, TopicReader, topic_name


@dataclass
class Record:
    """A Kafka record as the driver hands it over."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


@dataclass
class Consumer:
    """A consumer that hands out batches, then nothing."""

    batches: list[list[Record]]
    behind: list[int] = field(default_factory=list)
    read: int = 0

    async def getmany(self, partition: str, **_: Any) -> dict[str, list[Record]]:
        await asyncio.sleep(0)
        batch = self.batches.pop(0) if self.batches else []
        self.read += len(batch)
        return {partition: batch} if batch else {}

    async def position(self, _: str) -> int:
        return self.read

    def last_stable_offset(self, _: str) -> int:
        return self.read + sum(len(batch) for batch in self.batches)


def record(offset: int, kind: str, session: str, sequence: int, key: str = "", value: str | None = "jws") -> Record:
    headers = {"kind": kind, "session_id": session, "sequence": str(sequence)}
    encoded = [(name, text.encode()) for name, text in headers.items()]
    return Record(offset, key.encode(), value.encode() if value is not None else None, encoded)


def entry(offset: int, sequence: int, key: str = "r", session: str = "s") -> Record:
    return record(offset, "entry", session, sequence, key, f"{key}@{sequence}")


def head(offset: int, sequence: int, session: str = "s") -> Record:
    return record(offset, "head", session, sequence, "head", f"head@{sequence}")


async def heads(kind: TopicKind, *batches: list[Record], count: int) -> list[TopicHead]:
    found: list[TopicHead] = []
    async for each in TopicReader(Consumer(list(batches)), "p", kind).heads():
        if each is not None:
            found.append(each)
        if len(found) == count or each is None:
            return found
    return found


def test_topics_are_named_by_their_view() -> None:
    assert topic_name("air", "deltas", "t.") == "t.zhixing.joint-punishment.air.deltas.v1"


@pytest.mark.asyncio
async def test_a_head_brings_the_entries_before_it_and_where_the_topic_goes_on() -> None:
    (found,) = await heads("deltas", [entry(0, 1, "a"), entry(1, 2, "b"), head(2, 2), entry(3, 3, "c")], count=2)
    assert (found.text, found.sequence, found.next_offset, found.live) == ("head@2", 2, 3, True)
    assert found.entries == [(1, "a@1"), (2, "b@2")]


@pytest.mark.asyncio
async def test_of_a_past_only_the_newest_head_is_told_with_all_entries_since() -> None:
    batches = ([entry(0, 1), head(1, 1)], [entry(2, 2), head(3, 2)], [entry(4, 3), head(5, 3)])
    (found,) = await heads("deltas", *batches, count=2)
    assert (found.sequence, [sequence for sequence, _ in found.entries]) == (3, [1, 2, 3])


@pytest.mark.asyncio
async def test_a_long_past_comes_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_topics, "ENTRIES_MAX", 2)
    batches = ([entry(0, 1), entry(1, 2), head(2, 2)], [entry(3, 3), head(4, 3)])
    first, second = await heads("deltas", *batches, count=2)
    assert ([row[0] for row in first.entries], first.live) == ([1, 2], False)
    assert ([row[0] for row in second.entries], second.live) == ([3], True)


@pytest.mark.asyncio
async def test_an_entry_that_stands_twice_in_the_topic_is_one() -> None:
    (found,) = await heads("deltas", [entry(0, 1), entry(1, 1), head(2, 1)], count=2)
    assert found.entries == [(1, "r@1")]


@pytest.mark.asyncio
async def test_a_new_session_begins_with_nothing_of_the_old_one() -> None:
    batch = [entry(0, 7, session="old"), head(1, 7, "old"), entry(2, 8, session="old"), entry(3, 1, session="new")]
    (found,) = await heads("entries", [*batch, head(4, 1, "new")], count=2)
    assert (found.session_id, found.entries) == ("new", [(1, "r@1")])


@pytest.mark.asyncio
async def test_tombstones_and_strange_records_say_nothing() -> None:
    strange = [
        record(0, "tombstone", "s", 1, "gone", None),
        record(1, "entry", "s", 1, "gone", None),
        Record(2, None, b"x", []),
        record(3, "weather", "s", 1),
    ]
    (found,) = await heads("entries", [*strange, entry(4, 2, "a"), head(5, 2)], count=2)
    assert found.entries == [(2, "a@2")]


@pytest.mark.asyncio
async def test_a_compacted_topic_keeps_one_entry_of_each_record() -> None:
    (found,) = await heads("entries", [entry(0, 1, "a"), entry(1, 2, "b"), entry(2, 3, "a"), head(3, 3)], count=2)
    assert found.entries == [(2, "b@2"), (3, "a@3")]


@pytest.mark.asyncio
async def test_an_entry_behind_the_head_waits_for_the_next_one() -> None:
    batches: tuple[list[Record], ...] = (
        [entry(0, 1, "a"), entry(1, 3, "b"), head(2, 2)],
        [],
        [entry(3, 4, "c"), head(4, 4)],
    )
    first, second = await heads("deltas", *batches, count=2)
    assert [row[0] for row in first.entries] == [1]
    assert [row[0] for row in second.entries] == [3, 4]
