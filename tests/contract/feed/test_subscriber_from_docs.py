"""Whoever has read the wire page alone holds the list: from deltas, and from a snapshot and deltas, the same."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.contract.feed.plain_subscriber import PlainSet, PlainSubscriber
from tests.integration.credit_blacklist.feed_house import BEGAN, Author, House, feed_house, record_of
from zhixing_feed.jws import KeyRing
from zhixing_feed.snapshot import SnapshotFile

PERSONS = 300


@pytest.mark.parametrize(
    ("added", "taken", "begins"),
    [
        ((), (), "8f773281"),
        ((b"a",), (), "68beac48"),
        ((b"a", b"b"), (), "ba06e6d7"),
        ((b"a", b"b"), (b"a",), "a46ee469"),
    ],
)
def test_the_vectors_of_the_page_are_met(added: tuple[bytes, ...], taken: tuple[bytes, ...], begins: str) -> None:
    plain = PlainSet()
    for x in added:
        plain.change(x, +1)
    for x in taken:
        plain.change(x, -1)
    assert plain.digest().startswith(begins)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(
    mongo_uri: str, kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[House, Author]]:
    """A feed of more than a page: persons listed, restricted, changed, corrected and removed."""
    folder = tmp_path_factory.mktemp("feed")
    async with feed_house(mongo_uri, kafka_bootstrap, folder, feed_snapshot_every_s=1) as house:
        await house.replica()
        author = await house.author()
        await author.list_persons(*range(1, PERSONS + 1))
        await author.say(record_of(1, 2, change="UPDATED", duty="支付90000元"))
        await author.say(record_of(2, 2, status="REMOVED", change="REMOVED", at=BEGAN))
        await author.person(PERSONS + 50)
        await author.say(record_of(3, 2, change="UPDATED", legal_representative=f"party_{PERSONS + 50:06d}"))
        await house.named(PERSONS + 3)
        yield house, author


def subscriber(house: House, client: httpx.AsyncClient, view: str = "court") -> PlainSubscriber:
    return PlainSubscriber(client, house.token(view), [house.keys.public_root_key()])


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.rule("R-CRB-33")
async def test_pages_alone_and_snapshot_with_pages_give_the_same_list(told: tuple[House, Author]) -> None:
    house, author = told
    async with httpx.AsyncClient(base_url=house.replicas[0].url, timeout=20) as client:
        first = subscriber(house, client)
        await first.follow(await first.read_head())
        head = await house.until(lambda head: bool(head.get("snapshot")))
        second = subscriber(house, client)
        await second.read_head()
        await second.load_snapshot(head)
        await author.list_persons(PERSONS + 1)
        await author.say(record_of(4, 2, status="REMOVED", change="REMOVED", at=BEGAN))
        await house.named(PERSONS + 5)
        for each in (first, second):
            await each.follow(await each.read_head())

        assert first.sequence == second.sequence == PERSONS + 5
        assert first.set.described() == second.set.described()
        assert first.log.root() == second.log.root()
        assert first.listed() == second.listed()
        assert "rec_000002" not in first.listed()
        assert first.held["rec_000002"] == second.held["rec_000002"]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_removal_names_the_person_and_not_the_duty(told: tuple[House, Author]) -> None:
    house, _author = told
    async with httpx.AsyncClient(base_url=house.replicas[0].url, timeout=20) as client:
        plain = subscriber(house, client)
        await plain.follow(await plain.read_head())
    entry = plain.entries["rec_000002"]
    assert entry["status"] == "REMOVED"
    assert entry["subject"]["identity_documents"][0]["type"] == "RESIDENT_IDENTITY_CARD"
    assert entry["removal"]["ground"] == "PERFORMED"
    assert not {"duty", "grounds", "performance"} & entry.keys()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.rule("R-CRB-08")
async def test_an_entry_says_who_represents_the_debtor_where_the_fact_has_an_id(told: tuple[House, Author]) -> None:
    house, _author = told
    async with httpx.AsyncClient(base_url=house.replicas[0].url, timeout=20) as client:
        plain = subscriber(house, client)
        await plain.follow(await plain.read_head())
    assert plain.entries["rec_000003"]["legal_representative"] == f"张三{PERSONS + 50}"


@pytest.mark.asyncio(loop_scope="module")
async def test_the_same_entries_come_one_by_one_behind_a_cursor(told: tuple[House, Author]) -> None:
    house, _author = told
    async with httpx.AsyncClient(base_url=house.replicas[0].url, timeout=20) as client:
        plain = subscriber(house, client)
        head, cursor, sequence = await plain.read_head(), None, 0
        while sequence < head["sequence"]:
            answer = (await plain.get("/entries", limit=100, **({"after": cursor} if cursor else {}))).json()
            for each in answer["entries"]:
                sequence += 1
                assert each["sequence"] == sequence
                plain.take("court", each["entry"])
            cursor = answer["next"]
        empty = (await plain.get("/entries", after=cursor)).json()
    assert plain.set.described() == head["set"]
    assert (empty["entries"], empty["next"]) == ([], cursor)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_subscribers_package_takes_the_snapshot_that_is_served(
    told: tuple[House, Author], tmp_path: Path
) -> None:
    house, _author = told
    async with httpx.AsyncClient(base_url=house.replicas[0].url, timeout=20) as client:
        plain = subscriber(house, client)
        head = await plain.read_head()
        body = (await plain.get(f"/snapshots/{head['snapshot']['sequence']}")).content
    (tmp_path / "snapshot").write_bytes(body)
    snapshot = SnapshotFile(tmp_path / "snapshot", KeyRing(plain.keys["entry_keys"]))
    taken = [entry.record_id for _sequence, entry in snapshot.entries()]
    assert len(taken) == head["snapshot"]["count"]
    assert snapshot.trailer is not None
