"""One service's share of a bundle: keys, roots, proofs, and the lines of its part up to the signed end."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from libs.evidence.bundle.findings import Finding, ServiceSummary
from libs.evidence.bundle.keyring import Keyring
from libs.evidence.bundle.line_of_roots import LineOfRoots
from libs.evidence.bundle.papers import Paper, keys_in, papers_in
from libs.evidence.bundle.streams import Link, StreamCheck
from libs.evidence.part import PART_FORMAT, PART_TYPE
from libs.evidence.roots import hour_end
from libs.foundation.canonical import canonical_bytes
from libs.foundation.clock import instant

NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Meant:
    """What a part must be of, as the bundle's opening says, and how old a commit may be that stands under no root."""

    case_id: str
    bundle_id: str
    services: frozenset[str]
    young: timedelta


class ServiceCheck:
    """Takes a service's lines in the order of the bundle."""

    def __init__(self, service: str, keys: Keyring) -> None:
        """Nothing was seen yet."""
        self.service = service
        self.summary = ServiceSummary(service)
        self.findings: list[Finding] = []
        self.papers: list[Paper] = []
        self.end: Mapping[str, Any] | None = None
        self._keys = keys
        self._roots = LineOfRoots(service, keys)
        self._streams: dict[str, StreamCheck] = {}
        self._opening: Mapping[str, Any] = NOTHING
        self._digest = hashlib.sha256()
        self._lines = 0

    def take(self, kind: str, line: Mapping[str, Any]) -> None:
        """Look at one line. Raises `KeyError`, `TypeError` or `ValueError` for one that is none."""
        if kind == "jwks":
            self._keys.bring(self.service, line["jwks"], self.findings)
            self.summary.keys = tuple(f"{kid} {print_}" for kid, print_ in self._keys.thumbprints(self.service))
        elif kind == "root":
            self._roots.root(line["jws"])
        elif kind == "proofs":
            self._roots.proved(line["hour"], line["proofs"])
        else:
            self._part(line["line"])

    def _part(self, line: Mapping[str, Any]) -> None:
        if self.end is not None:
            self._find("altered", "the part", "there are lines behind its signed end")
        if line["kind"] == "end":
            self._ended(line["jws"])
            return
        self._lines += 1
        self._digest.update(canonical_bytes(line) + b"\n")
        if line["kind"] == "part":
            self._opening = line
        elif line["kind"] == "commit":
            commit = line["commit"]
            self._commit(commit, commit["entries"]).whole(commit)
        else:
            entries = [each["entry"] for each in line["shown"]]
            self._commit(line["header"], entries).excerpt(line["header"], line["shown"])

    def _commit(self, header: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> StreamCheck:
        stream = str(header["stream"])
        self.summary.commits += 1
        self.summary.entries += len(entries)
        self.papers.extend(papers_in(self.service, f"{stream}@{header['version']}", entries))
        for key in keys_in(entries):
            self._keys.register(key.owner, key.jwk)
        return self._streams.setdefault(stream, StreamCheck(self.service, stream))

    def _ended(self, token: str) -> None:
        end = self._keys.opened(self.service, token, PART_TYPE, "the part's signed end", self.findings)
        self.end = end if end is not None else NOTHING
        if end is None:
            return
        if end["sha256"] != self._digest.hexdigest():
            kind = "removed" if self._lines < end["lines"] else "altered"
            self._find(kind, "the part", f"{end['lines']} lines were signed, and not these {self._lines}")
        opening = {name: self._opening.get(name) for name in ("service", "case_id", "exported_at", "bundle")}
        if opening != {name: end[name] for name in opening} or self._opening.get("format") != PART_FORMAT:
            self._find("foreign", "the part", "its opening is not the one that was signed")

    def finish(self, meant: Meant) -> list[Finding]:
        """Return what is wrong with the service's share."""
        if self.end is None:
            self._find("truncated", "the part", "its signed end is missing")
        end = self.end or NOTHING
        if end:
            self._meant(end, meant)
        heads = {each["stream"]: each for each in end.get("streams", ())}
        for name in sorted(heads.keys() - self._streams.keys()):
            self._find("removed", name, "the signed end names this stream, and nothing of it is here")
        young: list[Link] = []
        for name, check in self._streams.items():
            whole = heads.get(name, NOTHING).get("form") != "excerpt"
            self.findings += check.finish(whole=whole)
            self._head(check, heads.get(name))
            self._naming(check, heads.get(name, NOTHING))
            young += self._roots.bears_out(name, check.links, whole=whole)
            self.summary.streams += whole
            self.summary.shared_streams += not whole
        self.findings += self._roots.finish(end.get("root"))
        self._young(young, end, meant)
        self.summary.roots, self.summary.proofs = len(self._roots.roots), self._roots.proofs
        return self.findings

    def _meant(self, end: Mapping[str, Any], meant: Meant) -> None:
        bundle = end["bundle"] or NOTHING
        if end["service"] != self.service:
            self._find("foreign", "the part", f"it is the part of {end['service']}")
        if end["case_id"] != meant.case_id:
            self._find("foreign", "the part", "it is of another case than the bundle")
        if bundle.get("id") != meant.bundle_id or frozenset(bundle.get("services", ())) != meant.services:
            self._find("foreign", "the part", "it was made for another bundle, or for one over other services")

    def _head(self, check: StreamCheck, head: Mapping[str, Any] | None) -> None:
        last = max(check.links, key=lambda link: link.version, default=None)
        if head is None:
            if self.end:
                self._find("foreign", check.stream, "the signed end does not know this stream")
        elif last is not None and last.version < head["version"]:
            self._find("truncated", f"{check.stream}@{head['version']}", f"the stream ends with commit {last.version}")
        elif last is not None and (last.version, last.hash) != (head["version"], head["hash"]):
            self._find("altered", f"{check.stream}@{last.version}", "the signed end names another head")

    def _naming(self, check: StreamCheck, head: Mapping[str, Any]) -> None:
        found = {link.version for link in check.links}
        for version in head.get("naming", ()):
            if version not in found:
                self._find("removed", f"{check.stream}@{version}", "it names the case, and is not here")

    def _young(self, young: Sequence[Link], end: Mapping[str, Any], meant: Meant) -> None:
        self.summary.open_commits = len(young)
        if not young or not end:
            return
        oldest = min(link.at for link in young)
        waited = instant(end["exported_at"]) - instant(hour_end(oldest[: len("2024-06-30T08")]))
        if waited > meant.young:
            newest = self._roots.newest_hour or "none"
            self._find("stale_root", f"newest root: {newest}", f"a commit of {oldest} stands under no root")

    def _find(self, kind: str, place: str, detail: str) -> None:
        self.findings.append(Finding(self.service, kind, place, detail))
