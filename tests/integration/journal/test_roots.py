"""Hourly roots over all stream heads: what they cover, that they can be made again, and that none can be taken out."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from libs.evidence import Signer, Verifier
from libs.evidence.keys import new_key
from libs.evidence.log_tree import tree_root, verify_inclusion
from libs.evidence.roots import RootStatement, head_leaf, hour_of, last_ended, token_sha256
from libs.journal import Journal, case_rows, rooting
from libs.journal.rooting import RootKeeper, StreamsMissing
from libs.journal.stream_heads import StreamHeads
from tests.integration.journal.conftest import Open
from tests.unit.journal.tally import START, Add, Note, SetClock, meta

Observer = Database[dict[str, Any]]
pytestmark = pytest.mark.asyncio
HOUR = timedelta(hours=1)


def keeper_of(journal: Journal, signer: Signer | None = None) -> RootKeeper:
    return RootKeeper(journal, signer or Signer(new_key()), delay_seconds=0)


def recomputed(observer: Observer, before: datetime) -> tuple[int, str]:
    """The root as an auditor makes it from the commits alone."""
    heads: dict[str, tuple[int, str]] = {}
    until = before.isoformat(timespec="microseconds").replace("+00:00", "Z")
    for commit in observer["commits"].find({"at": {"$lt": until}}):
        heads[commit["stream"]] = max(heads.get(commit["stream"], (0, "")), (commit["version"], commit["hash"]))
    leaves = [head_leaf(stream, *head) for stream, head in sorted(heads.items())]
    return len(leaves), tree_root(leaves).hex()


def roots_in(observer: Observer, signer: Signer) -> list[RootStatement]:
    commits = observer["commits"].find({"stream": "root/tally"}, sort=[("_id", 1)])
    verifier = Verifier(signer.jwks())
    return [
        RootStatement.of(verifier.verify(event["data"]["jws"]))
        for commit in commits
        for entry in commit["entries"]
        for event in entry["events"]
    ]


async def test_a_root_is_what_the_commits_alone_give(open_journal: Open, observer: Observer) -> None:
    clock, signer = SetClock(), Signer(new_key())
    journal = await open_journal(clock=clock)
    keeper = keeper_of(journal, signer)
    await keeper.heads.prepare()
    for number in range(5):
        await journal.execute(f"tally/{number}", Add(1), meta(f"a{number}"))
    await journal.execute("tally/3", Add(1), meta("again"))
    clock.instant = START + HOUR
    await journal.execute("tally/late", Add(1), meta("late"))

    assert await keeper.make(hour_of(START))

    [root] = roots_in(observer, signer)
    assert (root.count, root.tree_root) == recomputed(observer, START + HOUR)
    assert (root.number, root.hour, root.count) == (1, "2026-03-02T01", 5)


async def test_each_root_names_the_one_before_whatever_hours_were_jumped_over(
    open_journal: Open, observer: Observer
) -> None:
    clock, signer = SetClock(), Signer(new_key())
    journal = await open_journal(clock=clock)
    keeper = keeper_of(journal, signer)
    await keeper.heads.prepare()
    for step, jump in enumerate((0, 2, 2000, 2003)):
        clock.instant = START + jump * HOUR
        await journal.execute("tally/1", Add(1), meta(f"s{step}"))
        clock.instant += HOUR
        assert await keeper.make(last_ended(clock.instant))
        assert recomputed(observer, START + (jump + 1) * HOUR)[1] == roots_in(observer, signer)[-1].tree_root

    tokens = [
        commit["entries"][0]["events"][0]["data"]["jws"]
        for commit in observer["commits"].find({"stream": "root/tally"}, sort=[("_id", 1)])
    ]
    roots = roots_in(observer, signer)
    assert [root.number for root in roots] == [1, 2, 3, 4]
    assert [root.previous_sha256 for root in roots] == ["0" * 64, *(token_sha256(token) for token in tokens[:-1])]


async def test_an_hour_without_a_change_has_no_root(open_journal: Open, observer: Observer) -> None:
    clock = SetClock()
    journal = await open_journal(clock=clock)
    keeper = keeper_of(journal)
    await keeper.heads.prepare()
    assert not await keeper.make(hour_of(START))
    await journal.execute("tally/1", Add(1), meta("a"))
    clock.instant = START + HOUR
    assert await keeper.make(hour_of(START))
    # The root itself is a commit, and no reason for the next one.
    clock.instant = START + 2 * HOUR
    assert not await keeper.make(hour_of(START + HOUR))
    assert not await keeper.make(hour_of(START))
    assert observer["commits"].count_documents({"stream": "root/tally"}) == 1


async def test_the_heads_of_an_old_hour_are_proved_under_its_own_root(open_journal: Open, observer: Observer) -> None:
    clock, signer = SetClock(), Signer(new_key())
    journal = await open_journal(clock=clock)
    keeper = keeper_of(journal, signer)
    await keeper.heads.prepare()
    for hour in range(3):
        clock.instant = START + hour * HOUR
        for number in range(hour + 2):
            await journal.execute(f"tally/{number}", Add(1), meta(f"{hour}-{number}"))
        await keeper.make(hour_of(clock.instant))

    for root, size in zip(roots_in(observer, signer), (2, 4, 5), strict=True):
        wanted = [f"tally/{number}" for number in range(4)]
        proved = await keeper.heads.proofs(root.hour, wanted, None)
        assert root.count == size
        assert len(proved) == min(4, root.count - (root.number > 1))
        for head in proved:
            leaf = head_leaf(head.stream, head.version, head.hash)
            assert verify_inclusion(leaf, head.index, root.count, head.path, bytes.fromhex(root.tree_root))
    assert await keeper.heads.version_at("tally/0", "2026-03-02T01") == 1
    assert await keeper.heads.version_at("tally/0", "2026-03-02T03") == 3
    assert await keeper.heads.version_at("tally/3", "2026-03-02T01") == 0


async def test_a_head_of_another_court_is_not_proved(open_journal: Open) -> None:
    journal = await open_journal()
    keeper = keeper_of(journal)
    await keeper.heads.prepare()
    await journal.execute("tally/1", Add(1), meta("a"))
    await keeper.make(hour_of(START))
    assert await keeper.heads.proofs(hour_of(START), ["tally/1"], ["京0105"]) == []
    assert len(await keeper.heads.proofs(hour_of(START), ["tally/1"], ["云0381"])) == 1


async def test_heads_that_are_brought_forward_twice_and_from_two_sides_are_the_same(
    open_journal: Open, observer: Observer
) -> None:
    clock = SetClock()
    journal = await open_journal(clock=clock)
    heads = StreamHeads(journal.store)
    await heads.prepare()
    await journal.execute("tally/1", Add(1), meta("a"))
    await journal.execute("tally/2", Add(1), meta("b"))
    await heads.advance("", "2026-03-02T01")
    clock.instant = START + HOUR
    await journal.execute("tally/1", Add(1), meta("c"))
    await asyncio.gather(*(heads.advance("2026-03-02T01", "2026-03-02T02") for _ in range(3)))
    await heads.advance("", "2026-03-02T01")
    assert (await heads.root("2026-03-02T02"))[1].hex() == recomputed(observer, START + 2 * HOUR)[1]
    assert (await heads.root("2026-03-02T01"))[1].hex() == recomputed(observer, START + HOUR)[1]


async def test_what_landed_behind_the_root_of_its_hour_stands_from_the_next_one_on(
    open_journal: Open, observer: Observer
) -> None:
    clock, signer = SetClock(), Signer(new_key())
    journal = await open_journal(clock=clock)
    keeper = keeper_of(journal, signer)
    await keeper.heads.prepare()
    await journal.execute("tally/1", Add(1), meta("a"))
    await keeper.make(hour_of(START))
    await journal.execute("tally/2", Add(1), meta("behind"))
    clock.instant = START + HOUR
    await journal.execute("tally/1", Add(1), meta("c"))
    await keeper.make(hour_of(clock.instant))
    assert [root.count for root in roots_in(observer, signer)] == [1, 3]
    assert await keeper.heads.version_at("tally/2", "2026-03-02T01") == 0


async def test_heads_that_were_lost_are_made_again_from_the_commits(open_journal: Open, observer: Observer) -> None:
    clock, signer = SetClock(), Signer(new_key())
    journal = await open_journal(clock=clock)
    keeper = keeper_of(journal, signer)
    await keeper.heads.prepare()
    await journal.execute("tally/1", Add(1), meta("a"))
    await keeper.make(hour_of(START))
    observer["stream_heads"].drop()
    observer["stream_heads_past"].drop()
    clock.forward(days=9)
    await journal.execute("tally/2", Add(1), meta("b"))
    clock.forward(hours=1)
    assert await keeper.make(last_ended(clock.instant))
    assert roots_in(observer, signer)[-1].tree_root == recomputed(observer, clock.instant)[1]


async def test_no_root_is_signed_when_streams_were_deleted(open_journal: Open, observer: Observer) -> None:
    clock, signer = SetClock(), Signer(new_key())
    journal = await open_journal(clock=clock)
    keeper = keeper_of(journal, signer)
    await keeper.heads.prepare()
    for number in range(4):
        await journal.execute(f"tally/{number}", Add(1), meta(f"a{number}"))
    await keeper.make(hour_of(START))
    observer["commits"].delete_many({"stream": {"$in": ["tally/1", "tally/2"]}})
    observer["stream_heads"].delete_many({"_id": {"$in": ["tally/1", "tally/2"]}})
    clock.forward(hours=1)
    await journal.execute("tally/0", Add(1), meta("b"))
    clock.forward(hours=1)
    with pytest.raises(StreamsMissing):
        await keeper.make(last_ended(clock.instant))
    assert len(roots_in(observer, signer)) == 1


async def test_of_two_keepers_one_writes_the_root(open_journal: Open, observer: Observer) -> None:
    first, second = await open_journal(), await open_journal()
    signer = Signer(new_key())
    keepers = [keeper_of(first, signer), keeper_of(second, signer)]
    await keepers[0].heads.prepare()
    await first.execute("tally/1", Add(1), meta("a"))
    await asyncio.gather(*(keeper.make(hour_of(START)) for keeper in keepers))
    assert len(roots_in(observer, signer)) == 1


async def test_the_keeper_waits_until_stragglers_are_in_and_then_signs(open_journal: Open, observer: Observer) -> None:
    clock, signer = SetClock(), Signer(new_key())
    journal = await open_journal(clock=clock)
    await journal.execute("tally/1", Add(1), meta("a"))
    clock.instant = START + HOUR
    patient, prompt = RootKeeper(journal, signer, delay_seconds=60), RootKeeper(journal, signer, delay_seconds=0)
    await patient.start()
    await asyncio.sleep(1.5)
    assert roots_in(observer, signer) == []
    await patient.stop()
    await prompt.start()
    for _ in range(100):
        if roots_in(observer, signer):
            break
        await asyncio.sleep(0.1)
    await prompt.stop()
    assert [root.hour for root in roots_in(observer, signer)] == [last_ended(clock.instant)]
    assert prompt.alarms() == {}


async def test_a_keeper_that_meets_an_accident_says_so_and_goes_on(
    open_journal: Open, observer: Observer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooting, "_RETRY_SECONDS", 0.05)
    clock, signer = SetClock(), Signer(new_key())
    journal = await open_journal(clock=clock)
    await journal.execute("tally/1", Add(1), meta("a"))
    clock.forward(hours=1)
    keeper = keeper_of(journal, signer)
    sound = keeper.make

    async def accident(_hour: str) -> bool:
        raise RuntimeError("the disk of the key is gone")

    monkeypatch.setattr(keeper, "make", accident)
    await keeper.start()
    await asyncio.sleep(0.3)
    assert "the disk of the key is gone" in keeper.alarms()["roots"]
    assert keeper.readiness() == {}
    monkeypatch.setattr(keeper, "make", sound)
    for _ in range(100):
        if roots_in(observer, signer) and not keeper.alarms():
            break
        await asyncio.sleep(0.05)
    await keeper.stop()
    assert len(roots_in(observer, signer)) == 1
    assert keeper.alarms() == {}


async def test_a_keeper_without_a_key_says_so_and_signs_nothing(open_journal: Open, observer: Observer) -> None:
    clock = SetClock()
    journal = await open_journal(clock=clock)
    keeper = RootKeeper(journal, None, delay_seconds=0)
    await journal.execute("tally/1", Add(1), meta("a"))
    clock.instant = START + HOUR
    await keeper.start()
    await asyncio.sleep(0.2)
    await keeper.stop()
    assert "no signing key" in keeper.alarms()["roots"]
    assert observer["commits"].count_documents({"stream": "root/tally"}) == 0


async def test_what_names_a_case_is_found_live_and_in_a_database_that_was_written_before(
    open_journal: Open, observer: Observer
) -> None:
    journal = await open_journal(settings={"run_projector": False})
    await case_rows.prepare(journal.store)
    await journal.execute("tally/own", Note({"case_id": "case_1"}), replace(meta("a"), key="case_1"))
    await journal.execute("tally/shared", Note({"lines": [{"case_id": "case_1"}, {"case_id": "case_2"}]}), meta("b"))
    await journal.execute("tally/silent", Note({"text": "case_1"}), meta("c"))
    assert await case_rows.fill(journal.store) == 3
    assert await case_rows.fill(journal.store) == 0
    follower = await open_journal()
    await follower.execute("tally/shared", Note({"case_id": "case_1"}), meta("d"))
    for _ in range(100):
        if observer["case_rows"].count_documents({"case_id": "case_1"}) == 2:
            break
        await asyncio.sleep(0.05)
    assert case_rows.by_stream(await case_rows.rows_of(journal.store, "case_1")) == {"tally/shared": [1, 2]}
    assert case_rows.by_stream(await case_rows.rows_of(journal.store, "case_2")) == {"tally/shared": [1]}
