"""The hash chain of a stream: pure functions that build it and that show where a stored one was changed.

An entry (one command with its events) is hashed over its canonical bytes. A commit's header carries the Merkle root
(RFC 6962) over its entries' hashes and the hash of the commit before it, so that one entry of a shared stream can be
proved without showing the others. A chain alone shows neither that its end was cut off nor that all of it was written
anew; the signed roots over all stream heads are for that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from libs.evidence.log_tree import leaf_hash, tree_root
from libs.foundation.canonical import canonical_bytes, sha256_hex

Commit = Mapping[str, Any]

HEADER_FIELDS = ("_id", "stream", "version", "court", "key", "at", "seq", "count", "prev_hash", "entries_root")
"""What `hash` covers. `bucket`, `published` and `projected` are housekeeping and stay outside."""

FIRST_PREV_HASH = "0" * 64
"""The `prev_hash` of a stream's first commit."""

Kind = Literal["removed", "truncated", "reordered", "repeated", "altered"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with one commit of a stored stream."""

    kind: Kind
    stream: str
    version: int
    detail: str


def entry_hash(entry: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of an entry's canonical bytes. Raises `ValueError` for what has no canonical form."""
    return hashlib.sha256(canonical_bytes(entry)).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash of RFC 6962, section 2.1, over `leaves` in their order."""
    return tree_root([leaf_hash(leaf) for leaf in leaves])


def commit_hash(commit: Commit) -> str:
    """Return the hexadecimal hash of a commit's header, which holds `entries_root` and `prev_hash`."""
    return sha256_hex(canonical_bytes({name: commit[name] for name in HEADER_FIELDS}))


def verify_chain(commits: Iterable[Commit]) -> list[Finding]:
    """Return what is wrong with stored commits, which are given in the order in which they were found.

    Commits of several streams may be mixed; each stream must be given from its first commit on. An empty list means
    that every stream is whole up to the last commit shown.
    """
    by_stream: dict[str, list[Commit]] = {}
    for commit in commits:
        by_stream.setdefault(str(commit["stream"]), []).append(commit)
    return [finding for stream, found in by_stream.items() for finding in _verify_stream(stream, found)]


def _verify_stream(stream: str, found: Sequence[Commit]) -> list[Finding]:
    findings = []
    highest = 0
    for commit in found:
        version = int(commit["version"])
        if version < highest:
            findings.append(Finding("reordered", stream, version, f"stands behind commit {highest}"))
        highest = max(highest, version)
    expected, before = 1, None
    for version, group in groupby(sorted(found, key=lambda commit: int(commit["version"])), key=_version):
        commit, *copies = group
        if copies:
            findings.append(Finding("repeated", stream, version, f"stands {1 + len(copies)} times"))
        if version > expected:
            findings.extend(
                Finding("removed", stream, missing, "there is no such commit") for missing in range(expected, version)
            )
            before = None
        elif version == 1:
            before = {"hash": FIRST_PREV_HASH, "seq": 0, "version": 0}
        findings.extend(_verify_commit(stream, commit, before))
        expected, before = version + 1, dict(commit)
    return findings


def _version(commit: Commit) -> int:
    return int(commit["version"])


def _verify_commit(stream: str, commit: Commit, before: Commit | None) -> list[Finding]:
    version, entries = int(commit["version"]), list(commit["entries"])
    findings = []
    if len(entries) < commit["count"]:
        findings.append(
            Finding("truncated", stream, version, f"{len(entries)} of {commit['count']} entries are left in it")
        )
    elif _root(entries) != commit["entries_root"]:
        findings.append(Finding("altered", stream, version, "its entries do not give its entries_root"))
    elif not _counted(entries, commit, before):
        findings.append(Finding("altered", stream, version, "its events are not numbered without a gap"))
    if commit_hash(commit) != commit["hash"]:
        findings.append(Finding("altered", stream, version, "its header does not give its hash"))
    if before is not None and commit["prev_hash"] != before["hash"]:
        findings.append(
            Finding("altered", stream, max(1, version - 1), f"commit {version} was made behind another one than this")
        )
    return findings


def _root(entries: Sequence[Mapping[str, Any]]) -> str:
    try:
        return merkle_root([entry_hash(entry) for entry in entries]).hex()
    except ValueError:
        return ""


def _counted(entries: Sequence[Mapping[str, Any]], commit: Commit, before: Commit | None) -> bool:
    numbers = [event["seq"] for entry in entries for event in entry["events"]]
    first = commit["seq"] - len(numbers) + 1
    follows = before is None or first == before["seq"] + 1
    return follows and numbers == list(range(first, commit["seq"] + 1))
