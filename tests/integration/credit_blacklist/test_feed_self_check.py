"""Before it signs, the publisher looks a second time, by another way; on a difference nothing is signed."""

import asyncio
import base64
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

from libs.evidence import Signer
from libs.evidence.keys import new_key
from libs.evidence.log_tree import leaf_hash
from libs.journal import NATIONAL, Actor, CommandMeta
from services.credit_blacklist.domain.feed import AppendEntry, feed_stream
from services.credit_blacklist.domain.feed_head import HeadOvertaken
from services.credit_blacklist.feed.distribution.key_sets import KeySets
from services.credit_blacklist.feed.head_payload import TYP
from services.credit_blacklist.feed.heads import HeadMaker, Keys
from services.credit_blacklist.feed.register import Point
from services.credit_blacklist.feed.register.pages import entry_bytes
from services.credit_blacklist.feed.resets import open_first
from services.credit_blacklist.feed.self_check import Difference
from services.credit_blacklist.settings import CreditBlacklistSettings
from tests.integration.credit_blacklist.feed_house import Author, House, feed_house, opened, record_of

Forge = Callable[[sqlite3.Connection], None]


def _maker(house: House, author: Author, **settings: Any) -> HeadMaker:
    made = CreditBlacklistSettings(**(house.settings | settings))
    keys = Keys(
        Signer(house.keys.signing_key("credit_blacklist")),
        Signer(house.keys.head_key),
        KeySets(house.keys.key_sets),
    )
    return HeadMaker(author.journal, author.register, author.clock, made, keys)


async def _kept(author: Author, sequence: int, view: str = "court") -> Point:
    async with asyncio.timeout(30):
        while (point := author.register.reached(view)) is None or point.sequence < sequence:  # noqa: ASYNC110 -- a poll
            await asyncio.sleep(0.02)
    return point


def _other_entry(forging: sqlite3.Connection) -> None:
    (jws,) = forging.execute("SELECT jws FROM entries WHERE record_id='rec_000002'").fetchone()
    parts = jws.split(".")
    parts[1] = base64.urlsafe_b64encode(orjson.dumps({**opened(jws), "duty": "支付1元"})).decode().rstrip("=")
    forging.execute("UPDATE entries SET jws=? WHERE record_id='rec_000002'", (".".join(parts),))


def _other_entry_with_its_leaf(forging: sqlite3.Connection) -> None:
    """The row agrees with itself; only the journal can tell."""
    _other_entry(forging)
    (jws,) = forging.execute("SELECT jws FROM entries WHERE record_id='rec_000002'").fetchone()
    forging.execute("UPDATE entries SET leaf=? WHERE record_id='rec_000002'", (leaf_hash(entry_bytes(jws)),))


def _other_status(forging: sqlite3.Connection) -> None:
    forging.execute("UPDATE entries SET status='REMOVED' WHERE record_id='rec_000002'")


def _other_place(forging: sqlite3.Connection) -> None:
    forging.execute("UPDATE entries SET commit_version=99")


def _taken_away(forging: sqlite3.Connection) -> None:
    forging.execute("DELETE FROM entries WHERE record_id='rec_000002'")


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
@pytest.mark.parametrize("forge", [_other_entry, _other_status, _other_place, _taken_away])
async def test_no_head_is_signed_over_a_forged_row(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path, forge: Forge
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        author, journal = (made := await house.author()), made.journal
        await author.list_persons(1, 2, 3)
        await _kept(author, 3)
        with sqlite3.connect(author.register._path) as forging:
            forge(forging)
        forging.close()
        with pytest.raises(Difference):
            await _maker(house, author).tend("court")
        assert await journal.shelf.get("head/court") is None


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
async def test_no_head_names_a_forged_row_that_agrees_with_itself(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        author = await house.author()
        await author.list_persons(1)
        await _kept(author, 1)
        maker = _maker(house, author)
        assert await maker.tend("court")
        await author.list_persons(2)
        await _kept(author, 2)
        with sqlite3.connect(author.register._path) as forging:
            _other_entry_with_its_leaf(forging)
        forging.close()
        with pytest.raises(Difference, match="not what the journal has"):
            await maker.tend("court")


@pytest.mark.asyncio
async def test_no_head_is_signed_over_an_entry_that_another_key_signed(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        author = await house.author()
        await author.list_persons(1)
        point = await _kept(author, 1)
        maker = _maker(house, author)
        assert await maker.tend("court")
        rows = await author.register.read(lambda reading: reading.rows(1, 0, 1, 1))
        payload = {**opened(rows[0].jws), "record_id": "rec_forged"}
        entry = AppendEntry("rec_forged", 1, Signer(new_key()).sign_now(payload, "zhixing-entry+jws"), "case_1")
        meta = CommandMeta(uuid4().hex, "x", Actor("x", "x", "x"), NATIONAL)
        await author.journal.execute(feed_stream(payload["view"], _session(author, payload["view"])), entry, meta)
        del point
        await _kept(author, 2, payload["view"])
        with pytest.raises(Difference, match="not signed with a key of the court"):
            await maker.tend(payload["view"])


def _session(author: Author, view: str) -> str:
    active = author.register.sessions(view).active
    assert active is not None
    return active


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
async def test_a_snapshot_that_reads_back_as_another_list_is_not_named_and_silences_the_view(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        author = await house.author()
        await author.list_persons(1, 2, 3)
        await _kept(author, 3)
        maker = _maker(house, author)
        assert await maker.tend("court")
        with sqlite3.connect(author.register._path) as forging:
            _other_entry(forging)
        forging.close()
        house.leap(0.2)
        await author.list_persons(4)
        await _kept(author, 4)
        assert await maker.tend("court")
        await asyncio.wait(maker._making.values())
        with pytest.raises(Difference, match="another set"):
            await maker.tend("court")
        head = await author.register.head("court")
        assert head is not None
        assert head.payload["snapshot"]["sequence"] == 3


@pytest.mark.asyncio
async def test_a_clock_that_goes_back_stops_the_signing(mongo_uri: str, kafka_bootstrap: str, tmp_path: Path) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        author = await house.author()
        await author.list_persons(1)
        await _kept(author, 1)
        maker = _maker(house, author)
        assert await maker.tend("court")
        behind = _maker(house, author)
        behind._clock = _Behind(author)
        with pytest.raises(Difference, match="clock"):
            await behind.tend("court")


class _Behind:
    """A clock that is an hour late."""

    def __init__(self, author: Author) -> None:
        self._clock = author.clock

    def now(self) -> Any:
        return self._clock.now() - timedelta(hours=1)


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
async def test_heads_that_were_lost_are_never_contradicted(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        author, late = await house.author(), await house.author()
        await author.list_persons(1)
        await _kept(author, 1)
        await _kept(late, 1)
        await late.register.stop()
        await author.list_persons(2)
        await _kept(author, 2)
        assert await _maker(house, author).tend("court")
        await author.journal.shelf.drop(["head/court"])
        late.register._known.clear()
        with pytest.raises(HeadOvertaken):
            await _maker(house, late)._name("court", await _checksum(late, 1))


class _Overtaken(Signer):
    """A signer that is slow: before it has signed, another process has put its head in place."""

    def __init__(self, house: House, author: Author) -> None:
        super().__init__(house.keys.head_key)
        self._other, self._author = _maker(house, author), author

    async def sign(self, payload: Mapping[str, Any], typ: str = TYP) -> str:
        self._author.register._known.clear()
        assert await self._other.tend("court")
        return await super().sign(payload, typ)


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
async def test_who_was_overtaken_while_signing_replaces_nothing(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        author = await house.author()
        await author.list_persons(1)
        await _kept(author, 1)
        assert await _maker(house, author).tend("court")
        await author.list_persons(2)
        await _kept(author, 2)
        slow = _maker(house, author)
        slow._keys = replace(slow._keys, heads=_Overtaken(house, author))
        with pytest.raises(HeadOvertaken):
            await slow.tend("court")
        head = await author.register.head("court")
        assert head is not None
        assert (head.sequence, head.revision) == (2, 2)


async def _checksum(author: Author, sequence: int) -> Any:
    point = author.register.reached("court")
    assert point is not None
    return await author.register.checksum("court", point.session_id, sequence)


@pytest.mark.asyncio
async def test_a_view_without_entries_has_a_head_that_says_so(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        author = await house.author()
        await open_first(author.journal, "air", str(uuid4()))
        await _kept(author, 0, "air")
        assert await _maker(house, author).tend("air")
        head = await author.register.head("air")
        assert head is not None
        assert (head.sequence, head.payload["set"]["count"], head.payload["snapshot"]) == (0, 0, None)


@pytest.mark.asyncio
async def test_a_version_that_does_not_follow_is_not_appended(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        author = await house.author()
        await author.list_persons(1)
        with pytest.raises(Exception, match="version 1 is held, 3 came"):
            await author.say(record_of(1, 3, change="UPDATED"))
        await author.say(record_of(1, 2, change="UPDATED"))
        await author.say(record_of(1, 2, change="UPDATED"))
        await author.say(record_of(1, 3, change="UPDATED"))
        point = await _kept(author, 3)
        assert point.sequence == 3
