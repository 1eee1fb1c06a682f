"""The observers of the fault suite see what they promise to see. Commits come from the journal's own code."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from devstack.demo.proof.sight import WireRecord
from libs.evidence.chain import FIRST_PREV_HASH, entry_hash
from libs.journal.commits import build_commit
from tests.fault.chains import judge
from tests.fault.wire import first_occurrences

Commit = dict[str, Any]


def record(subject: str, seq: int, offset: int, **changes: Any) -> WireRecord:
    headers = {"ce_id": f"evt_{subject}_{seq}", "ce_subject": subject, "ce_sequence": f"{seq:010d}"}
    headers |= changes.pop("headers", {})
    facts: dict[str, Any] = {"topic": "t", "partition": 0, "offset": offset, "key": b"k", "value": b"{}", **changes}
    return WireRecord(headers=tuple((name, text.encode()) for name, text in headers.items()), **facts)


def wire() -> list[WireRecord]:
    """A wire as it should be: two streams, and a page that stands twice after a crash between commit and marking."""
    return [record("a", 1, 0), record("b", 1, 1), record("a", 2, 2), record("b", 1, 5), record("a", 2, 6)]


def chain(stream: str = "case/a", commits: int = 3) -> list[Commit]:
    found: list[Commit] = []
    before = FIRST_PREV_HASH
    for version in range(1, commits + 1):
        entries = [_entry(stream, version, seq) for seq in (2 * version - 1, 2 * version)]
        entries.append({"command_id": f"{stream}-{version}-none", "events": [], "outcome": {"seq": 2 * version}})
        header = {
            "stream": stream,
            "version": version,
            "court": "云0381",
            "key": "k",
            "at": f"2026-03-02T01:0{version}:00.000000Z",
            "seq": 2 * version,
            "prev_hash": before,
        }
        commit = build_commit(header, entries, [entry_hash(entry) for entry in entries], service="intake")
        found.append(commit)
        before = commit["hash"]
    return found


def _entry(stream: str, version: int, seq: int) -> Commit:
    event = {"id": f"{stream}#{seq}", "seq": seq, "type": "zhixing.intake.x.v1", "version": 1, "data": {"reason": "迟"}}
    return {"command_id": f"{stream}-{version}-{seq}", "events": [event], "outcome": {"seq": seq}}


def test_a_wire_with_repeats_is_read_in_the_order_of_first_occurrences() -> None:
    assert first_occurrences(wire()) == {"a": [1, 2], "b": [1]}


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (record("a", 4, 9), "a: 4 where 3 must stand"),
        (record("c", 2, 9), "c: 2 where 1 must stand"),
        (record("a", 1, 9, value=b"{ }"), "is not the record at"),
        (record("a", 1, 9, key=b"other"), "is not the record at"),
        (record("a", 1, 9, headers={"ce_time": "later"}), "is not the record at"),
        (record("a", 1, 9, headers={"ce_id": "evt_new"}), "is not the record at"),
        (record("a", 3, 9, headers={"ce_id": "evt_a_1"}), "and at t\\[0\\]@9 also"),
        (record("a", 3, 9, partition=1), "stands in"),
        (record("a", 3, 9, headers={"ce_id": ""}), "without an id"),
        (record("", 3, 9), "without a subject"),
    ],
)
def test_what_breaks_a_promise_on_the_wire_is_seen(wrong: WireRecord, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        first_occurrences([*wire(), wrong])


def test_whole_chains_are_told_by_their_last_sequences() -> None:
    assert judge([*chain("case/b", 1), *chain("case/a", 3)]) == {"case/a": 6, "case/b": 2}


def _lose(commits: list[Commit]) -> None:
    del commits[1]


def _alter(commits: list[Commit]) -> None:
    commits[1]["entries"][0]["events"][0]["data"]["reason"] = "早"


def _rename(commits: list[Commit]) -> None:
    commits[2]["court"] = "云0382"


def _relink(commits: list[Commit]) -> None:
    commits[2]["prev_hash"] = commits[0]["hash"]


def _fork(commits: list[Commit]) -> None:
    twin = copy.deepcopy(commits[2])
    commits.append(twin)


def _double_the_command(commits: list[Commit]) -> None:
    commits += chain("case/b", 1)
    commits[-1]["entries"][0]["command_id"] = commits[0]["entries"][0]["command_id"]


def _renumber_the_last(commits: list[Commit]) -> None:
    commits[-1]["seq"] += 1


def _miscount(commits: list[Commit]) -> None:
    commits[-1]["count"] = 1


def _answer_wrongly(commits: list[Commit]) -> None:
    commits[-1]["entries"][2]["outcome"]["seq"] = 1


def _misname(commits: list[Commit]) -> None:
    commits[-1]["_id"] = "case/a@9"


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (_lose, "a version is missing"),
        (_alter, "entries are not those that were hashed"),
        (_rename, "header is not the one that was hashed"),
        (_relink, "not chained to the commit before it"),
        (_fork, "a version is missing"),
        (_double_the_command, "stands 2 times"),
        (_renumber_the_last, "its seq is not that of its last event"),
        (_miscount, "it counts 1 entries and has 3"),
        (_answer_wrongly, "answered with another seq"),
        (_misname, "its id is not that of its stream"),
    ],
)
def test_what_breaks_a_chain_is_seen_and_named(damage: Callable[[list[Commit]], None], complaint: str) -> None:
    commits = chain()
    damage(commits)
    with pytest.raises(AssertionError, match=complaint):
        judge(commits)
