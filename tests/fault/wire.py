"""What a `read_committed` reader gets of the wire, and whether it is what the relay promises.

On the wire every event stands at least once. First occurrences stand in the order of `seq` for every stream, and
whatever stands again is byte-identical to the first and has the same `ce_id`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable

from devstack.demo.proof.sight import WireRecord, read_wire

READ_SECONDS_MAX = 120.0
"""A dead relay's open transaction hides what is behind it until the broker aborts it; longer than that is a fault."""

Subject = str


async def read_all(bootstrap: str, topics: Iterable[str]) -> list[WireRecord]:
    """Return every committed record of these topics, to their ends as they stand now; each partition in its order.

    A topic that nobody has made yet has no records. Raises `AssertionError` if the ends are not reached in time.
    """
    wanted = set(topics)
    assert wanted, "no topic was named"
    try:
        async with asyncio.timeout(READ_SECONDS_MAX):
            return await read_wire(bootstrap, wanted)
    except TimeoutError:
        raise AssertionError(f"the end of {sorted(wanted)} was not reached in {READ_SECONDS_MAX:.0f} s") from None


def first_occurrences(records: Iterable[WireRecord]) -> dict[Subject, list[int]]:
    """Return the sequences of every stream (`ce_subject`) in the order in which they first stood on the wire.

    Raises `AssertionError`, naming the records, for a first occurrence that is not the next of its stream, for a stream
    that stands in two partitions, for an id that stands for two sequences, and for a repeat that differs in one byte.
    """
    firsts: dict[tuple[Subject, int], WireRecord] = {}
    owner_of: dict[str, tuple[Subject, int]] = {}
    home: dict[Subject, tuple[str, int]] = {}
    order: dict[Subject, list[int]] = defaultdict(list)
    for record in records:
        subject, seq, event = record.header("ce_subject"), int(record.header("ce_sequence")), record.header("ce_id")
        assert subject, f"a record without a subject at {_where(record)}"
        assert event, f"a record without an id at {_where(record)}"
        place = (record.topic, record.partition)
        assert home.setdefault(subject, place) == place, f"{subject} stands in {home[subject]} and in {_where(record)}"
        assert owner_of.setdefault(event, (subject, seq)) == (subject, seq), (
            f"{event} is {owner_of[event]} and at {_where(record)} also {(subject, seq)}"
        )
        first = firsts.setdefault((subject, seq), record)
        if first is record:
            expected = len(order[subject]) + 1
            assert seq == expected, f"{subject}: {seq} where {expected} must stand, at {_where(record)}"
            order[subject].append(seq)
            continue
        assert (first.key, first.value, first.headers) == (record.key, record.value, record.headers), (
            f"{subject} {seq}: the repeat at {_where(record)} is not the record at {_where(first)}"
        )
    return dict(order)


def _where(record: WireRecord) -> str:
    return f"{record.topic}[{record.partition}]@{record.offset}"
