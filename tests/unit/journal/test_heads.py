"""Folding, the cache of heads, tokens, and what a bulk write's answer proves."""

from typing import Any

import pytest
from bson.int64 import Int64

from libs.journal import ConsistencyTokenMalformed, Outcome, token_of
from libs.journal.cache import HeadCache
from libs.journal.fold import Head, blank, fold_commits, stored_event
from libs.journal.inserting import _sorted_out
from libs.journal.refusals import JournalBroken
from libs.journal.tokens import parse_token
from libs.schemas.envelope import UPCASTERS, Event, Fen, UnknownEventType
from tests.unit.journal.tally import COURT, START, TALLIES, Tally

STREAM = "tally/1"


class Paid(Event, name="paid", version=2):
    amount_fen: Fen


UPCASTERS[(Paid.SERVICE, "paid", 1)] = lambda data: {"amount_fen": data["yuan"] * 100}


def commit(version: int, seq: int, prev_hash: str, **changes: Any) -> dict[str, Any]:
    event = {"id": "e", "seq": seq, "type": "zhixing.tally.added.v1", "version": 1, "data": {"amount": 1}}
    entry = {"command_id": f"c{version}", "events": [event], "outcome": {"status": "accepted", "seq": seq}}
    plain = {
        "_id": f"{STREAM}@{version:010d}",
        "stream": STREAM,
        "version": version,
        "court": COURT,
        "key": "k",
        "at": "2026-03-02T01:00:00.000000Z",
        "prev_hash": prev_hash,
        "hash": f"h{version}",
        "entries": [entry],
    }
    return plain | changes


def head(version: int, stream: str = STREAM) -> Head:
    return Head(stream, Tally(total=version), version=version)


@pytest.mark.parametrize(
    "second",
    [commit(3, 2, "h1"), commit(2, 2, "another hash"), commit(2, 3, "h1")],
    ids=["a commit is missing", "it follows another commit", "an event is missing"],
)
def test_a_stored_stream_with_a_gap_is_never_folded(second: dict[str, Any]) -> None:
    with pytest.raises(JournalBroken):
        fold_commits(TALLIES, blank(TALLIES, STREAM), [commit(1, 1, "0" * 64), second])


def test_an_older_version_of_an_event_is_lifted_when_it_is_folded() -> None:
    stored = {"type": f"zhixing.{Paid.SERVICE}.paid.v1", "version": 1, "data": {"yuan": 5}}

    assert stored_event(stored) == Paid(amount_fen=500)


def test_a_version_that_nobody_knows_here_is_an_error() -> None:
    with pytest.raises(UnknownEventType):
        stored_event({"type": f"zhixing.{Paid.SERVICE}.paid.v9", "version": 9, "data": {}})


def test_large_amounts_come_back_from_the_database_as_amounts() -> None:
    stored = {"type": Paid.type_text(), "version": 2, "data": {"amount_fen": Int64(10**12)}}

    assert stored_event(stored) == Paid(amount_fen=10**12)


def test_the_cache_never_goes_back_to_an_older_head() -> None:
    cache = HeadCache(10)
    cache.put(head(2), 1.0)
    cache.put(head(1), 9.0)

    known = cache.get(STREAM)
    assert known is not None
    assert (known.head.version, known.proven_at) == (2, 1.0)


def test_the_cache_keeps_the_latest_proof_of_a_head() -> None:
    cache = HeadCache(10)
    cache.put(head(2), 5.0)
    cache.put(head(2), 3.0)

    known = cache.get(STREAM)
    assert known is not None
    assert known.proven_at == 5.0


def test_the_cache_forgets_what_was_not_used_for_longest() -> None:
    cache = HeadCache(2)
    cache.put(head(1, "tally/1"), 1.0)
    cache.put(head(1, "tally/2"), 1.0)
    cache.get("tally/1")
    cache.put(head(1, "tally/3"), 1.0)

    assert cache.get("tally/2") is None
    assert cache.get("tally/1") is not None


def test_a_token_names_the_write_it_was_given_for() -> None:
    outcome = Outcome(Tally(), 7, "incoming/bank/%E6%B1%87", COURT, "k", (), False, START, version=3)

    assert parse_token(token_of(outcome)) == ("incoming/bank/%E6%B1%87", 3)


@pytest.mark.parametrize("token", ["", "A", "????", "LTFAeA", "QHg", "M0A", "\xff"])
def test_a_malformed_token_is_rejected(token: str) -> None:
    with pytest.raises(ConsistencyTokenMalformed):
        parse_token(token)


def test_a_write_that_no_majority_is_known_to_have_is_not_taken_for_landed() -> None:
    details = {
        "writeErrors": [{"index": 1, "code": 11000}],
        "writeConcernErrors": [{"code": 64, "errmsg": "waiting for replication timed out"}],
    }

    inserted = _sorted_out(details, range(3))

    assert (inserted.landed, inserted.lost, inserted.unknown) == ([], [1], [0, 2])


def test_an_error_other_than_a_duplicate_is_no_lost_race() -> None:
    inserted = _sorted_out({"writeErrors": [{"index": 0, "code": 10334, "errmsg": "too large"}]}, range(2))

    assert (inserted.landed, inserted.lost, inserted.refused) == ([1], [], {0: "too large"})


def test_a_single_document_that_a_member_could_not_take_just_then_is_unknown_and_not_refused() -> None:
    stepping_down = {"index": 1, "code": 10107, "errmsg": "not primary"}

    inserted = _sorted_out({"writeErrors": [stepping_down]}, range(2))

    assert (inserted.landed, inserted.unknown, inserted.refused) == ([0], [1], {})
