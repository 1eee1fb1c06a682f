from copy import deepcopy
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest

from libs.evidence.chain import Finding, commit_hash, entry_hash, merkle_root, verify_chain
from libs.journal.commits import build_commit

STREAM = "case/1"


def entry(number: int, first_seq: int, events: int) -> dict[str, Any]:
    stored = [
        {"id": f"e{first_seq + each}", "seq": first_seq + each, "type": "t", "version": 1, "data": {"n": each}}
        for each in range(events)
    ]
    return {"command_id": f"c{number}", "events": stored, "outcome": {"status": "accepted", "seq": first_seq + events}}


def commit(version: int, prev_hash: str, seq: int, entries: list[dict[str, Any]]) -> dict[str, Any]:
    header = {
        "stream": STREAM,
        "version": version,
        "court": "云0381",
        "key": "k",
        "at": f"2026-03-02T01:00:0{version}.000000Z",
        "seq": seq,
        "prev_hash": prev_hash,
    }
    return build_commit(header, entries, [entry_hash(each) for each in entries], service="tally")


@pytest.fixture
def chain() -> list[dict[str, Any]]:
    commits: list[dict[str, Any]] = []
    prev, seq = "0" * 64, 0
    for version in range(1, 6):
        entries = [entry(version * 10 + each, seq + each * 2 + 1, 2) for each in range(3)]
        seq += 6
        commits.append(commit(version, prev, seq, entries))
        prev = commits[-1]["hash"]
    return commits


def kinds(findings: list[Finding]) -> set[tuple[str, int]]:
    return {(finding.kind, finding.version) for finding in findings}


def resealed(one: dict[str, Any]) -> dict[str, Any]:
    one["entries_root"] = merkle_root([entry_hash(each) for each in one["entries"]]).hex()
    one["hash"] = commit_hash(one)
    return one


@pytest.mark.parametrize(
    ("leaves", "root"),
    [
        # The test vectors that implementations of RFC 6962 share.
        ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ([""], "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (["", "00"], "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (["", "00", "10"], "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (
            ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"],
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ),
    ],
)
def test_the_root_is_that_of_rfc_6962(leaves: list[str], root: str) -> None:
    assert merkle_root([bytes.fromhex(leaf) for leaf in leaves]).hex() == root


def test_a_root_of_two_leaves_is_computed_as_the_rfc_says() -> None:
    left, right = sha256(b"\x00a").digest(), sha256(b"\x00b").digest()

    assert merkle_root([b"a", b"b"]) == sha256(b"\x01" + left + right).digest()


def test_an_untouched_chain_has_no_findings(chain: list[dict[str, Any]]) -> None:
    assert verify_chain(chain) == []


def test_housekeeping_is_outside_of_the_hash(chain: list[dict[str, Any]]) -> None:
    for one in chain:
        one |= {"published": True, "projected": True, "bucket": 99}

    assert verify_chain(chain) == []


def test_a_removed_commit_is_named(chain: list[dict[str, Any]]) -> None:
    del chain[2]

    assert kinds(verify_chain(chain)) == {("removed", 3)}


def test_a_removed_first_commit_is_named(chain: list[dict[str, Any]]) -> None:
    assert kinds(verify_chain(chain[1:])) == {("removed", 1)}


def test_a_commit_that_lost_entries_is_named_as_truncated(chain: list[dict[str, Any]]) -> None:
    chain[1]["entries"].pop()

    assert kinds(verify_chain(chain)) == {("truncated", 2)}


def test_reordered_commits_are_named(chain: list[dict[str, Any]]) -> None:
    chain[1], chain[3] = chain[3], chain[1]

    assert ("reordered", 3) in kinds(verify_chain(chain))
    assert ("reordered", 2) in kinds(verify_chain(chain))


def test_a_repeated_commit_is_named(chain: list[dict[str, Any]]) -> None:
    assert ("repeated", 2) in kinds(verify_chain([*chain[:2], deepcopy(chain[1]), *chain[2:]]))


@pytest.mark.parametrize("field", ["court", "at", "key"])
def test_an_altered_header_is_named(chain: list[dict[str, Any]], field: str) -> None:
    chain[2][field] = "something else"

    assert kinds(verify_chain(chain)) == {("altered", 3)}


def test_an_altered_event_is_named(chain: list[dict[str, Any]]) -> None:
    chain[2]["entries"][1]["events"][0]["data"] = {"n": 42}

    assert kinds(verify_chain(chain)) == {("altered", 3)}


def test_a_float_smuggled_into_an_event_is_named(chain: list[dict[str, Any]]) -> None:
    chain[2]["entries"][1]["events"][0]["data"] = {"n": 4.2}

    assert kinds(verify_chain(chain)) == {("altered", 3)}


def test_a_commit_that_was_altered_and_sealed_anew_is_named_by_its_successor(chain: list[dict[str, Any]]) -> None:
    chain[2]["entries"][1]["events"][0]["data"] = {"n": 42}
    resealed(chain[2])

    assert kinds(verify_chain(chain)) == {("altered", 3)}


def test_a_gap_between_events_is_named_even_if_the_commit_was_sealed_anew(chain: list[dict[str, Any]]) -> None:
    last = chain[-1]
    last["entries"][0]["events"].pop()
    resealed(last)

    assert kinds(verify_chain(chain)) == {("altered", 5)}


def test_streams_may_be_mixed(chain: list[dict[str, Any]]) -> None:
    others = [resealed({**deepcopy(one), "stream": "case/2"}) for one in chain]
    for before, after in pairwise(others):
        after["prev_hash"] = before["hash"]
        resealed(after)
    mixed = [one for pair in zip(chain, others, strict=True) for one in pair]

    assert verify_chain(mixed) == []
