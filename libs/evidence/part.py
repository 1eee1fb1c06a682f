"""A service's part of a case's bundle: lines of canonical JSON, sealed at the end by the service's signature.

    {"kind": "part", …}        which case, which service, when, and of which bundle
    {"kind": "commit", …}      a commit with all its entries
    {"kind": "excerpt", …}     a commit's header, those of its entries that may be shown, and for each the audit path
                               that leads from it to the header's `entries_root`; without any it is a link of the chain
    {"kind": "end", "jws": …}  the signed end: how many lines, their hash, the head of every stream, the newest root

A line that was taken out, added, moved or changed is found by the end; what was changed in the database before, by the
chains and the roots.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from libs.evidence.chain import HEADER_FIELDS, entry_hash
from libs.evidence.log_tree import MemoryLog, inclusion_proof, leaf_hash
from libs.foundation.canonical import canonical_bytes

PART_FORMAT: Final = "zhixing-evidence-part/1"
PART_TYPE: Final = "zhixing-evidence-part+jws"


def header_of(commit: Mapping[str, Any]) -> dict[str, Any]:
    """Return a commit's header with its hash."""
    return {name: commit[name] for name in (*HEADER_FIELDS, "hash")}


def commit_line(commit: Mapping[str, Any], shown: Collection[int] | None = None) -> dict[str, Any]:
    """Return the line of a commit: whole, or the excerpt with those of its entries whose places are `shown`."""
    header = header_of(commit)
    if shown is None or len(shown) == len(commit["entries"]):
        return {"kind": "commit", "commit": {**header, "entries": list(commit["entries"])}}
    return {"kind": "excerpt", "header": header, "shown": _proved(commit["entries"], sorted(shown))}


def link_line(header: Mapping[str, Any]) -> dict[str, Any]:
    """Return the line of a commit of which nothing is shown: it links the chain up to a proved head."""
    return {"kind": "excerpt", "header": header_of(header), "shown": []}


def _proved(entries: Sequence[Mapping[str, Any]], places: Sequence[int]) -> list[dict[str, Any]]:
    if not places:
        return []
    log = MemoryLog(leaf_hash(entry_hash(entry)) for entry in entries)
    return [
        {
            "index": place,
            "entry": entries[place],
            "path": [step.hex() for step in inclusion_proof(place, len(entries), log.node)],
        }
        for place in places
    ]


@dataclass(slots=True)
class PartLines:
    """Turns lines into bytes and keeps what the signed end says of them."""

    lines: int = 0
    sha256: Any = field(default_factory=hashlib.sha256)
    streams: dict[str, dict[str, Any]] = field(default_factory=dict)

    def opened(self, **opening: Any) -> bytes:
        """Return the first line."""
        return self.put({"kind": "part", "format": PART_FORMAT, **opening})

    def shared(self, stream: str, naming: Sequence[int]) -> None:
        """Say that a stream is not the case's own, and which of its commits name the case."""
        self.streams[stream] = {"stream": stream, "version": 0, "hash": "", "form": "excerpt", "naming": list(naming)}

    def commit(self, line: Mapping[str, Any]) -> bytes:
        """Return a commit's line; the last one put is its stream's head."""
        header = line.get("commit") or line["header"]
        stream = header["stream"]
        head = self.streams.setdefault(stream, {"stream": stream, "form": "whole"})
        head |= {"version": header["version"], "hash": header["hash"]}
        return self.put(line)

    def missing(self, stream: str, version: int, commit_hash: str) -> None:
        """Name a stream of the case that a root was signed over and of which no commit is left."""
        self.streams[stream] = {"stream": stream, "version": version, "hash": commit_hash, "form": "whole"}

    def put(self, line: Mapping[str, Any]) -> bytes:
        """Return a line's bytes. Raises `ValueError` for what has no canonical form."""
        raw = canonical_bytes(line) + b"\n"
        self.lines += 1
        self.sha256.update(raw)
        return raw

    def described(self) -> dict[str, Any]:
        """Return what the end says of the lines so far."""
        return {"lines": self.lines, "sha256": self.sha256.hexdigest(), "streams": list(self.streams.values())}
