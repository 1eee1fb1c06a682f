"""The proof can fail: each thing that it promises to see, it sees. Commits come from the journal's own code."""

import copy
from dataclasses import replace
from typing import Any

import pytest

from devstack.demo.proof.hashes import chain_faults, signature_holds
from devstack.demo.proof.sight import Sight, WireRecord
from devstack.demo.proof.verdict import Verdict, prove
from libs.evidence.chain import FIRST_PREV_HASH, entry_hash
from libs.foundation.canonical import canonical_bytes
from libs.journal.commits import build_commit

CASE = "case_1"
DEBT = 506_575
STREAMS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "intake filing/x": [("application_received", {"application_id": "a"})],
    "intake case/case_1": [("case_closed", {"case_id": CASE, "kind": "FULLY_PERFORMED"})],
    "payments account/case_1": [
        ("account_credited", {"case_id": CASE, "reference": "r1", "amount_fen": DEBT}),
        ("payout_approved", {"payout_id": "p1"}),
        ("payout_confirmed", {"payout_id": "p1", "amount_fen": DEBT}),
    ],
}


def commits_of(service: str, stream: str, facts: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    commits: list[dict[str, Any]] = []
    before = FIRST_PREV_HASH
    for version, (name, data) in enumerate(facts, 1):
        event = {
            "id": f"{stream}#{version}",
            "seq": version,
            "type": f"zhixing.{service}.{name}.v1",
            "version": 1,
            "data": data,
        }
        entry = {"command_id": f"{stream}-{version}", "events": [event]}
        header = {
            "stream": stream,
            "version": version,
            "court": "云0381",
            "key": CASE,
            "at": f"2026-03-02T01:0{version}:00.000000Z",
            "seq": version,
            "prev_hash": before,
        }
        commit = build_commit(header, [entry], [entry_hash(entry)], service=service)
        commits.append(commit | {"published": True})
        before = commit["hash"]
    return commits


def whole() -> Sight:
    commits: dict[str, list[dict[str, Any]]] = {"intake": [], "payments": []}
    wire: list[WireRecord] = []
    for name, facts in STREAMS.items():
        service, stream = name.split(" ")
        made = commits_of(service, stream, facts)
        commits[service] += made
        for commit in made:
            event = commit["entries"][0]["events"][0]
            headers = {
                "ce_id": event["id"],
                "ce_source": f"/zhixing/{service}",
                "ce_subject": stream,
                "ce_sequence": f"{event['seq']:010d}",
            }
            wire.append(
                WireRecord(
                    f"zhixing.{service}.v1",
                    0,
                    len(wire),
                    b"k",
                    canonical_bytes(event["data"]),
                    tuple((key, value.encode()) for key, value in headers.items()),
                )
            )
    books = {
        "incoming": [{"reference": "r1", "amount_fen": DEBT, "payment_reference": "d1"}],
        "transfers": [{"reference": "account/case_1#2", "amount_fen": DEBT, "state": "DONE"}],
    }
    return Sight(commits=commits, wire=wire, quarantined=0, timers={}, books=books, messages=[])


def failing(verdict: Verdict) -> list[str]:
    return [finding.text for finding in verdict.findings if not finding.holds]


def test_all_holds_where_nothing_is_wrong_but_that_nothing_was_signed() -> None:
    assert failing(prove(whole(), CASE, DEBT)) == ["0 signatures verified, 0 wrong, 0 shown detached"]


def test_a_fen_too_much_in_the_banks_books_is_seen() -> None:
    sight = whole()
    sight.books["incoming"][0]["amount_fen"] += 1
    assert any(text.startswith("ledger = bank books (-1 fen)") for text in failing(prove(sight, CASE, DEBT)))


def test_a_transfer_that_happened_twice_is_seen() -> None:
    sight = whole()
    sight.books["transfers"].append(dict(sight.books["transfers"][0]))
    assert any(text.startswith("each effect once") for text in failing(prove(sight, CASE, DEBT)))


@pytest.mark.parametrize("change", ["amount", "removed", "reordered", "header"])
def test_a_changed_journal_is_seen(change: str) -> None:
    sight = whole()
    account = sight.commits["payments"]
    if change == "amount":
        account[0]["entries"][0]["events"][0]["data"]["amount_fen"] += 1
    elif change == "removed":
        del account[1]
    elif change == "reordered":
        account[0]["version"], account[1]["version"] = 2, 1
    else:
        account[2]["at"] = "2026-03-02T09:00:00.000000Z"
    assert chain_faults(account)
    assert any(text.startswith("chains broken") for text in failing(prove(sight, CASE, DEBT)))


@pytest.mark.parametrize("change", ["missing", "swapped", "repeated otherwise"])
def test_a_faulty_wire_is_seen(change: str) -> None:
    sight = whole()
    wire = sight.wire
    if change == "missing":
        del wire[-1]
    elif change == "swapped":
        wire[-1], wire[-2] = wire[-2], wire[-1]
    else:
        wire.append(replace(wire[0], value=b"{}"))
    assert any(text.startswith("wire: ") for text in failing(prove(sight, CASE, DEBT)))


def test_a_byte_identical_repeat_on_the_wire_is_no_fault() -> None:
    sight = whole()
    sight.wire.append(copy.copy(sight.wire[0]))
    assert not any(text.startswith("wire: ") for text in failing(prove(sight, CASE, DEBT)))


def test_what_is_unpublished_quarantined_or_overdue_is_seen() -> None:
    sight = whole()
    sight.commits["intake"][0]["published"] = False
    late = replace(sight, quarantined=1, timers={"intake": [{"due_at": "2026-03-02T00:00:00.000000Z"}]})
    assert "unpublished 1 · quarantined 1 · overdue timers 1" in failing(prove(late, CASE, DEBT))


def test_a_case_that_is_not_closed_is_seen() -> None:
    sight = whole()
    assert "the case is not closed" in failing(prove(sight, "case_2", 0))


def test_a_forged_signature_does_not_hold() -> None:
    assert not signature_holds("eyJraWQiOiJhIn0.e30.AAAA", [])
    assert not signature_holds("not a token", [])
