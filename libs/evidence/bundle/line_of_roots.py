"""A service's roots in a bundle: their signatures, their line, and the heads that were proved under them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from libs.evidence.bundle.findings import Finding
from libs.evidence.bundle.keyring import Keyring
from libs.evidence.bundle.streams import Link
from libs.evidence.log_tree import verify_inclusion
from libs.evidence.roots import ROOT_TYPE, RootStatement, head_leaf, token_sha256


class LineOfRoots:
    """Takes roots and proofs, and says of any stream whether the roots bear it out."""

    def __init__(self, service: str, keys: Keyring) -> None:
        """Trust the keys of this ring that are the service's."""
        self.service = service
        self.findings: list[Finding] = []
        self.roots: list[tuple[RootStatement, str]] = []
        self.proofs = 0
        self._keys = keys
        self._heads: dict[str, dict[str, tuple[int, str]]] = {}

    def root(self, token: str) -> None:
        """Take a root."""
        place = f"root {len(self.roots) + 1} of the bundle"
        payload = self._keys.opened(self.service, token, ROOT_TYPE, place, self.findings)
        if payload is None:
            return
        statement = RootStatement.of(payload)
        if statement.service != self.service:
            self._find("foreign", place, f"it is a root of {statement.service}")
            return
        self.roots.append((statement, token_sha256(token)))

    def proved(self, hour: str, proofs: Sequence[Mapping[str, Any]]) -> None:
        """Take proofs of stream heads at the end of an hour; the roots must have come before."""
        statement = next((each for each, _ in self.roots if each.hour == hour), None)
        if statement is None:
            self._find("root_removed", hour, "there are proofs under a root that the bundle does not hold")
            return
        for proof in proofs:
            leaf = head_leaf(proof["stream"], proof["version"], proof["hash"])
            path = [bytes.fromhex(step) for step in proof["path"]]
            root = bytes.fromhex(statement.tree_root)
            if verify_inclusion(leaf, proof["index"], statement.count, path, root):
                self._heads.setdefault(hour, {})[proof["stream"]] = (proof["version"], proof["hash"])
                self.proofs += 1
            else:
                self._find("root_contradicted", f"{proof['stream']} at {hour}", "the proof does not lead to the root")

    def finish(self, named: Mapping[str, Any] | None) -> list[Finding]:
        """Return what is wrong with the line itself; `named` is the newest root that the part's signed end names."""
        for (before, token), (after, _) in pairwise(self.roots):
            place = f"root {after.number} of {after.hour}"
            if after.number != before.number + 1:
                self._find("root_removed", place, f"it stands behind root {before.number}")
            elif after.previous_sha256 != token or after.hour <= before.hour:
                self._find("root_removed", place, f"it was made behind another root than root {before.number}")
        if named is not None:
            found = {root.number: token for root, token in self.roots}
            newest = max(found, default=0)
            place = f"root {named['number']} of {named['hour']}"
            if newest < named["number"]:
                self._find("stale_root", place, f"the service had signed it, the bundle ends with root {newest}")
            elif found.get(named["number"]) != named["sha256"]:
                self._find("root_removed", place, "the bundle holds another root in its place")
        return self.findings

    @property
    def newest_hour(self) -> str:
        """The hour of the newest root, empty without any."""
        return self.roots[-1][0].hour if self.roots else ""

    def bears_out(self, stream: str, links: Sequence[Link], *, whole: bool) -> list[Link]:
        """Hold a stream against the roots; return its commits that are too young for any.

        Under the first root behind each commit, and for a whole stream under the newest root, the proved head must be
        the last commit that the bundle has for that time.
        """
        hours = [root.hour for root, _ in self.roots]
        last_of: dict[int, Link] = {}
        young = []
        for link in sorted(links, key=lambda each: each.version):
            place = bisect_left(hours, link.at[: len("2024-06-30T08")])
            if place == len(hours):
                young.append(link)
            else:
                last_of[place] = link
        if whole and last_of:
            last_of.setdefault(len(hours) - 1, last_of[max(last_of)])
        by_version = {link.version: link for link in links}
        for place, last in sorted(last_of.items()):
            self._compare(stream, hours[place], last, by_version)
        return young

    def _compare(self, stream: str, hour: str, last: Link, links: Mapping[int, Link]) -> None:
        place = f"{stream}@{last.version}"
        head = self._heads.get(hour, {}).get(stream)
        if head is None:
            self._find("unproved", place, f"the bundle holds no proof of its stream under the root of {hour}")
            return
        version, signed = head
        if version > last.version:
            self._find("truncated", place, f"the root of {hour} was signed over commit {version} of this stream")
        elif links[version].hash != signed if version in links else True:
            self._find("altered", f"{stream}@{version}", f"the root of {hour} was signed over another commit than this")
        elif version < last.version:
            self._find("backdated", place, f"the root of {hour} was signed over commit {version} as the last one")

    def _find(self, kind: str, place: str, detail: str) -> None:
        self.findings.append(Finding(self.service, kind, place, detail))
