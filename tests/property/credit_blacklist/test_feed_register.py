"""Whatever the history of a view: the register answers as a list kept by hand would, as of every sequence."""

import hashlib
import tempfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.evidence.log_tree import MemoryLog, leaf_hash, verify_consistency
from libs.evidence.lthash import SetState, feed_element
from services.credit_blacklist.feed.register.model import Appended, Point
from services.credit_blacklist.feed.register.pages import bucket_of, entry_bytes
from tests.unit.credit_blacklist.entries import SESSION, Shelf, appended

RECORDS = [f"rec{number}" for number in range(6)]
STEPS = st.lists(st.tuples(st.sampled_from(RECORDS), st.sampled_from(["LISTED", "LISTED", "REMOVED"])), max_size=40)


def history(steps: list[tuple[str, str]]) -> list[Appended]:
    """Return a feed that keeps its own law: versions grow by one, the first of a record is no removal."""
    versions: dict[str, int] = {}
    entries: list[Appended] = []
    for record_id, status in steps:
        version = versions.get(record_id, 0) + 1
        versions[record_id] = version
        entries.append(appended(len(entries) + 1, record_id, version, "LISTED" if version == 1 else status))
    return entries


def held_after(entries: list[Appended], sequence: int) -> dict[str, Appended]:
    """Return the last entry of every record, as a reader with a dictionary would know it."""
    last: dict[str, Appended] = {}
    for entry in entries[:sequence]:
        last[entry.record_id] = entry
    return last


def status_of(entry: Appended) -> str:
    return str(orjson.loads(entry_bytes(entry.jws))["status"])


def element_of(entry: Appended) -> bytes:
    return feed_element("air", entry.record_id, entry.record_version, hashlib.sha256(entry_bytes(entry.jws)).digest())


def expected(entries: list[Appended], sequence: int) -> dict[str, Any]:
    in_force = [entry for entry in held_after(entries, sequence).values() if status_of(entry) != "REMOVED"]
    log = MemoryLog([leaf_hash(entry_bytes(entry.jws)) for entry in entries[:sequence]])
    return {
        "set": SetState.of(element_of(entry) for entry in in_force).described(),
        "log_root": log.root().hex(),
        "in_force": sorted(entry.record_id for entry in in_force),
    }


@settings(max_examples=40, deadline=None)
@given(steps=STEPS, cuts=st.lists(st.integers(1, 40), max_size=4))
@pytest.mark.rule("R-CRB-33")
def test_the_register_equals_a_list_kept_by_hand_at_every_sequence(
    steps: list[tuple[str, str]], cuts: list[int]
) -> None:
    entries = history(steps)
    with tempfile.TemporaryDirectory() as folder:
        shelf, done = Shelf(Path(folder)), 0
        for cut in sorted({min(cut, len(entries)) for cut in cuts} | {len(entries)}):
            shelf.append(entries[done:cut])
            done = cut
        for sequence in range(len(entries) + 1):
            wanted = expected(entries, sequence)
            held = shelf.reading.checksum(shelf.feed.feed, Point(SESSION, sequence))
            listed = shelf.reading.records(shelf.feed.feed, sequence, "", 100, None)
            buckets = shelf.reading.buckets(shelf.feed.feed, sequence)
            assert (held.set, held.log_root) == (wanted["set"], wanted["log_root"])
            assert [each.record_id for each in listed] == wanted["in_force"]
            total = SetState()
            for bucket in buckets:
                total = total.union(bucket)
            assert total == held.state
        shelf.close()


@settings(max_examples=30, deadline=None)
@given(steps=STEPS, data=st.data())
def test_who_is_looked_up_by_document_is_found_as_of_any_sequence(steps: list[tuple[str, str]], data: Any) -> None:
    entries = history(steps)
    sequence = data.draw(st.integers(0, len(entries)))
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        shelf.append(entries)
        found = shelf.reading.lookup(shelf.feed.feed, [("PASSPORT", f"e {each}") for each in RECORDS], sequence)
        last = held_after(entries, sequence)
        shelf.close()
    assert [[(each.record_id, each.record_version, each.status) for each in held] for held in found] == [
        [(each, last[each].record_version, status_of(last[each]))] if each in last else [] for each in RECORDS
    ]


@settings(max_examples=30, deadline=None)
@given(steps=STEPS, data=st.data())
def test_every_log_is_proved_to_begin_with_every_shorter_one(steps: list[tuple[str, str]], data: Any) -> None:
    entries = history(steps)
    new = data.draw(st.integers(0, len(entries)))
    old = data.draw(st.integers(0, new))
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        shelf.append(entries)
        path = shelf.reading.consistency(shelf.feed.feed, old, new)
        roots = [bytes.fromhex(expected(entries, each)["log_root"]) for each in (old, new)]
        shelf.close()
    assert verify_consistency(old, new, path, *roots)


@settings(max_examples=20, deadline=None)
@given(steps=STEPS)
def test_a_bucket_holds_what_is_in_force_of_its_records(steps: list[tuple[str, str]]) -> None:
    entries = history(steps)
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        shelf.append(entries)
        found = {
            record_id: [row.jws for row in shelf.reading.bucket(shelf.feed.feed, bucket_of(record_id), len(entries))]
            for record_id in RECORDS
        }
        shelf.close()
    last = {key: each for key, each in held_after(entries, len(entries)).items() if status_of(each) != "REMOVED"}
    for record_id in RECORDS:
        same = sorted(each for each in last if bucket_of(each) == bucket_of(record_id))
        assert found[record_id] == [last[each].jws for each in same]
