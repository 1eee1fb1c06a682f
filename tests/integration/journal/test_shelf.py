"""The shelf on the real database: of two who write at once, one is told that it lost."""

import asyncio

import pytest

from tests.integration.journal.conftest import Open


@pytest.mark.asyncio
async def test_of_many_who_replace_the_same_revision_exactly_one_succeeds(open_journal: Open) -> None:
    journals = [await open_journal(), await open_journal()]
    first = await asyncio.gather(
        *(journals[turn % 2].shelf.put("head/x", {"by": turn}, revision=0) for turn in range(6))
    )
    seen = await journals[0].shelf.get("head/x")
    second = await asyncio.gather(
        *(journals[turn % 2].shelf.put("head/x", {"by": 10 + turn}, revision=1) for turn in range(6))
    )
    last = await journals[1].shelf.get("head/x")

    assert sorted(first) == sorted(second) == [False] * 5 + [True]
    assert seen is not None
    assert last is not None
    assert (seen.revision, seen.value["by"], last.revision, last.value["by"]) == (
        *(1, first.index(True)),
        *(2, 10 + second.index(True)),
    )


@pytest.mark.asyncio
async def test_what_is_not_there_is_none_and_what_was_dropped_can_be_put_again(open_journal: Open) -> None:
    shelf = (await open_journal()).shelf
    assert await shelf.get("a") is None
    assert not await shelf.put("a", {}, revision=3)
    assert await shelf.put("part/1", {"data": b"\x00\xff"}, revision=0)
    assert await shelf.put("part/2", {"data": b""}, revision=0)
    assert await shelf.put("other", {}, revision=0)
    assert await shelf.keys("part/") == ["part/1", "part/2"]
    found = await shelf.all(["part/1", "part/2", "none"])
    assert {key: bytes(each.value["data"]) for key, each in found.items()} == {"part/1": b"\x00\xff", "part/2": b""}
    await shelf.drop(["part/1", "none"])
    assert await shelf.get("part/1") is None
    assert await shelf.put("part/1", {"data": b"x"}, revision=0)
