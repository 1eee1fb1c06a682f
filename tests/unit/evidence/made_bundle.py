"""Bundles without a service: streams, roots and parts made by the pure functions, so that each can be made wrong."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from libs.evidence import Signer
from libs.evidence.bundle import BundleReport, verify_bundle
from libs.evidence.bundle.verifying import BUNDLE_FORMAT
from libs.evidence.bundle.writing import BundleWriter
from libs.evidence.chain import FIRST_PREV_HASH, commit_hash, entry_hash, merkle_root
from libs.evidence.keys import new_key
from libs.evidence.log_tree import inclusion_proofs, tree_root
from libs.evidence.mentions import shown
from libs.evidence.part import PART_TYPE, PartLines, commit_line, link_line
from libs.evidence.roots import FIRST_PREVIOUS, ROOT_TYPE, RootStatement, head_leaf, hour_end, token_sha256
from libs.foundation.canonical import canonical_bytes

CASE = "case_1"
OTHER_CASE = "case_2"
Commit = dict[str, Any]
Lines = list[dict[str, Any]]


def entry(name: str, seq: int, data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "command_id": f"{name}-{seq}",
        "actor": {"subject": "u-1", "organisation": "云0381", "role": "case_officer"},
        "events": [
            {"id": f"e-{name}-{seq}", "seq": seq, "type": "zhixing.t.noted.v1", "version": 1, "data": dict(data)}
        ],
    }


def commit_after(before: Commit | None, stream: str, at: str, entries: Sequence[Mapping[str, Any]]) -> Commit:
    version = before["version"] + 1 if before else 1
    commit: Commit = {
        "_id": f"{stream}@{version:010d}",
        "stream": stream,
        "version": version,
        "court": "云0381",
        "key": CASE,
        "at": at,
        "seq": (before["seq"] if before else 0) + len(entries),
        "count": len(entries),
        "prev_hash": before["hash"] if before else FIRST_PREV_HASH,
        "entries": list(entries),
        "entries_root": merkle_root([entry_hash(each) for each in entries]).hex(),
    }
    return commit | {"hash": commit_hash(commit)}


def stream_of(name: str, hours: Iterable[str], data: Callable[[int], Sequence[Mapping[str, Any]]]) -> list[Commit]:
    """A stream with one commit in each of the hours; `data(n)` gives the n-th commit's entries' data."""
    commits: list[Commit] = []
    for number, hour in enumerate(hours, 1):
        before = commits[-1] if commits else None
        seq = before["seq"] if before else 0
        entries = [entry(name, seq + place, each) for place, each in enumerate(data(number), 1)]
        commits.append(commit_after(before, name, f"{hour}:30:00.000000Z", entries))
    return commits


@dataclass
class House:
    """A service with its streams; roots are signed over what stands at that moment, and stay whatever is changed."""

    name: str
    signer: Signer = field(default_factory=lambda: Signer(new_key()))
    streams: dict[str, list[Commit]] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()
    roots: list[str] = field(default_factory=list)
    heads: dict[str, list[tuple[str, int, str]]] = field(default_factory=dict)

    def sign_root(self, hour: str) -> None:
        self.heads[hour] = [
            (name, last["version"], last["hash"])
            for name, commits in sorted(self.streams.items())
            for last in [each for each in commits if each["at"] < hour_end(hour)][-1:]
        ]
        leaves = [head_leaf(*head) for head in self.heads[hour]]
        previous = token_sha256(self.roots[-1]) if self.roots else FIRST_PREVIOUS
        root = RootStatement(
            self.name, hour, len(self.roots) + 1, len(leaves), tree_root(leaves).hex(), previous, hour_end(hour)
        )
        self.roots.append(self.signer.sign_now(root.payload(), ROOT_TYPE))

    def part(self, bundle: Mapping[str, Any], exported_at: str, case_id: str = CASE) -> Lines:
        made = PartLines()
        opening = {"service": self.name, "case_id": case_id, "exported_at": exported_at, "bundle": dict(bundle)}
        raw = [made.opened(**opening)]
        for name, commits in self.streams.items():
            own = name not in self.shared
            if not own:
                naming = [
                    each["version"] for each in commits if any(shown(e, case_id, own=False) for e in each["entries"])
                ]
                made.shared(name, naming)
            for commit in commits:
                places = [place for place, each in enumerate(commit["entries"]) if shown(each, case_id, own=own)]
                line = commit_line(commit, places) if places else link_line(commit)
                raw.append(made.commit(line))
        newest = Hours.of(self)[-1:]
        root = (
            {"number": len(self.roots), "hour": newest[0], "sha256": token_sha256(self.roots[-1])} if newest else None
        )
        end = {**opening, "root": root, **made.described()}
        raw.append(made.put({"kind": "end", "jws": self.signer.sign_now(end, PART_TYPE)}))
        return [orjson.loads(each) for each in raw]

    def proofs(self, hour: str) -> Lines:
        heads = self.heads[hour]
        leaves = [head_leaf(*head) for head in heads]
        paths = inclusion_proofs(leaves, len(leaves), range(len(leaves)))
        return [
            {
                "stream": stream,
                "version": version,
                "hash": digest,
                "index": index,
                "path": [step.hex() for step in paths[index]],
            }
            for index, (stream, version, digest) in enumerate(heads)
        ]

    def lines(self, bundle: Mapping[str, Any], exported_at: str) -> Lines:
        named = {"service": self.name}
        return [
            {"kind": "jwks", **named, "jwks": self.signer.jwks()},
            *({"kind": "root", **named, "jws": token} for token in self.roots),
            *({"kind": "proofs", **named, "hour": hour, "proofs": self.proofs(hour)} for hour in Hours.of(self)),
            *({"kind": "line", **named, "line": line} for line in self.part(bundle, exported_at)),
        ]


class Hours:
    """The hours of a house's roots."""

    @staticmethod
    def of(house: House) -> list[str]:
        return list(house.heads)


EXPORTED = "2024-06-30T12:30:00.000000Z"
HOURS = ("2024-06-30T08", "2024-06-30T08", "2024-06-30T09", "2024-06-30T11")


def intake() -> House:
    """Three streams: one of the case's own with a signed receipt, one with several entries, one that is shared."""
    house = House("intake")
    receipt = house.signer.sign_now({"case_id": CASE, "number": "（2024）云0381执1号"}, "receipt+jws")
    house.streams = {
        f"case/{CASE}": stream_of(f"case/{CASE}", HOURS, lambda n: [{"case_id": CASE, "n": n, "receipt": receipt}]),
        "document/d1": stream_of("document/d1", HOURS[:3], lambda n: [{"case_id": CASE, "line": n}] * 3),
        "numbering/执": stream_of(
            "numbering/执",
            HOURS,
            lambda n: [{"case_id": each, "serial": n} for each in (OTHER_CASE, CASE, OTHER_CASE)[: n + 1]],
        ),
    }
    house.shared = frozenset({"numbering/执"})
    for hour in ("2024-06-30T08", "2024-06-30T09", "2024-06-30T11"):
        house.sign_root(hour)
    return house


def payments() -> House:
    house = House("payments")
    house.streams = {
        f"account/{CASE}": stream_of(f"account/{CASE}", HOURS[1:], lambda n: [{"case_id": CASE, "fen": n}])
    }
    house.sign_root("2024-06-30T11")
    return house


def bundle_of(*houses: House, exported_at: str = EXPORTED) -> Lines:
    """The lines of the bundle over these services, without the seal."""
    named = sorted(house.name for house in houses)
    opening = {"kind": "bundle", "format": BUNDLE_FORMAT, "id": "bundle_1", "case_id": CASE}
    lines: Lines = [opening | {"services": named, "collected_at": "2026-01-01T00:00:00.000000Z"}]
    for house in houses:
        lines += house.lines({"id": "bundle_1", "services": named}, exported_at)
    return lines


def sealed(lines: Lines) -> list[bytes]:
    """The file's lines; whoever changes a bundle can always seal it anew."""
    file = io.BytesIO()
    writer = BundleWriter(file)
    for line in lines:
        writer.put(line)
    writer.seal()
    return file.getvalue().splitlines(keepends=True)


def verified(lines: Lines, **more: Any) -> BundleReport:
    return verify_bundle(sealed(lines), **more)


def kinds(report: BundleReport) -> set[tuple[str, str]]:
    return {(finding.kind, finding.place) for finding in report.findings}


def part_line(lines: Lines, service: str, stream: str, version: int) -> int:
    """The place of a commit's line in a bundle."""
    for place, line in enumerate(lines):
        if line["kind"] == "line" and line["service"] == service:
            body = line["line"].get("commit") or line["line"].get("header") or {}
            if (body.get("stream"), body.get("version")) == (stream, version):
                return place
    raise LookupError(stream)


def copied(lines: Lines) -> Lines:
    return [orjson.loads(canonical_bytes(line)) for line in lines]
