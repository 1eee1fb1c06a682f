"""One stream of a part: what its commits say about each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from libs.evidence.bundle.findings import Finding
from libs.evidence.chain import FIRST_PREV_HASH, commit_hash, entry_hash, merkle_root
from libs.evidence.log_tree import leaf_hash, verify_inclusion


@dataclass(frozen=True, slots=True)
class Link:
    """What remains of a commit once it was looked at: enough to tell its neighbours and its root by."""

    version: int
    at: str
    first: int | None
    seq: int
    prev_hash: str
    hash: str


class StreamCheck:
    """Takes a stream's commits as they stand in the part, and says at the end what is wrong with them."""

    def __init__(self, service: str, stream: str) -> None:
        """No commit was seen yet."""
        self.service = service
        self.stream = stream
        self.links: list[Link] = []
        self.findings: list[Finding] = []

    def whole(self, commit: Mapping[str, Any]) -> None:
        """Look at a commit with all its entries."""
        entries = list(commit["entries"])
        numbers = [event["seq"] for entry in entries for event in entry["events"]]
        first = commit["seq"] - len(numbers) + 1
        if len(entries) < commit["count"]:
            self._find("truncated", commit["version"], f"{len(entries)} of {commit['count']} entries are left in it")
        elif _root(entries) != commit["entries_root"]:
            self._find("altered", commit["version"], "its entries do not give its entries_root")
        elif numbers != list(range(first, commit["seq"] + 1)):
            self._find("altered", commit["version"], "its events are not numbered without a gap")
        self._header(commit, first)

    def excerpt(self, header: Mapping[str, Any], shown: Sequence[Mapping[str, Any]]) -> None:
        """Look at a commit of which some entries are shown, or none."""
        root = bytes.fromhex(header["entries_root"])
        for each in shown:
            path = [bytes.fromhex(step) for step in each["path"]]
            leaf = leaf_hash(entry_hash(each["entry"]))
            if not verify_inclusion(leaf, each["index"], header["count"], path, root):
                self._find("altered", header["version"], f"entry {each['index']} does not stand under its entries_root")
        self._header(header, None)

    def _header(self, header: Mapping[str, Any], first: int | None) -> None:
        version = int(header["version"])
        if commit_hash(header) != header["hash"] or header["_id"] != f"{self.stream}@{version:010d}":
            self._find("altered", version, "its header does not give its hash")
        self.links.append(Link(version, header["at"], first, header["seq"], header["prev_hash"], header["hash"]))

    def finish(self, *, whole: bool) -> list[Finding]:
        """Return what is wrong; `whole`: the stream must begin with its first commit and have no gap."""
        highest = 0
        for link in self.links:
            if link.version < highest:
                self._find("reordered", link.version, f"stands behind commit {highest}")
            highest = max(highest, link.version)
        before = Link(0, "", None, 0, "", FIRST_PREV_HASH)
        for link in self._in_order():
            missing = range(before.version + 1, link.version)
            if whole:
                for version in missing:
                    self._find("removed", version, "there is no such commit")
            if not missing:
                self._follows(link, before)
            before = link
        return self.findings

    def _in_order(self) -> Iterator[Link]:
        for version, group in groupby(sorted(self.links, key=attrgetter("version")), key=attrgetter("version")):
            link, *copies = group
            if copies:
                self._find("repeated", version, f"stands {1 + len(copies)} times")
            yield link

    def _follows(self, link: Link, before: Link) -> None:
        if link.prev_hash != before.hash:
            self._find(
                "altered", max(1, before.version), f"commit {link.version} was made behind another one than this"
            )
        elif (link.first is not None and link.first != before.seq + 1) or link.seq < before.seq:
            self._find("altered", link.version, "its events do not follow those of the commit before")
        elif link.at < before.at:
            self._find("altered", link.version, "it is older than the commit before")

    def _find(self, kind: str, version: int, detail: str) -> None:
        self.findings.append(Finding(self.service, kind, f"{self.stream}@{version}", detail))


def _root(entries: Sequence[Mapping[str, Any]]) -> str:
    try:
        return merkle_root([entry_hash(entry) for entry in entries]).hex()
    except ValueError:
        return ""
