"""How a service tells all that it knows of a case, commit by commit, with little in memory at any moment."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from libs.evidence import Signer
from libs.evidence.mentions import shown, values_of
from libs.evidence.part import PART_TYPE, PartLines, commit_line, link_line
from libs.evidence.roots import token_sha256
from libs.foundation.clock import instant_text
from libs.foundation.ids import category_of, stream_name
from libs.journal import NATIONAL, Journal, case_rows
from libs.journal.case_reading import CaseReader, CaseStream, runs_of
from libs.journal.root_reading import RootReader
from libs.journal.stream_heads import StreamHeads

CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Custody:
    """Which streams belong to a case besides those whose key is the case.

    `named`: categories whose streams are the case's own as soon as they name it (an application becomes a case). Of
    every other stream only the entries that name the case are shown. `attached`: categories whose streams are named by
    a field of the case's own events.
    """

    named: tuple[str, ...] = ()
    attached: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: a case, seen from these courts (None: all), for a bundle over these services."""

    case_id: str
    courts: frozenset[str] | None
    bundle: str | None = None
    services: tuple[str, ...] = ()

    def sees(self, court: str) -> bool:
        """Tell whether a stream of this court may be shown."""
        return self.courts is None or court in self.courts


class CasePart:
    """Writes one part; see `libs.evidence.part` for its lines."""

    def __init__(self, journal: Journal, signer: Signer, custody: Custody, asked: Asked) -> None:
        """Nothing is read yet."""
        self._journal = journal
        self._signer = signer
        self._custody = custody
        self._asked = asked
        self._reader = CaseReader(journal.store)
        self._roots = RootReader(journal.store, journal.service)
        self._heads = StreamHeads(journal.store)
        self._lines = PartLines()
        self._newest_hour = ""
        self._attached: dict[str, set[str]] = {category: set() for category in custody.attached}

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the part's bytes, some lines at a time."""
        waiting = bytearray()
        async for line in self._all():
            waiting += line
            if len(waiting) >= CHUNK_BYTES:
                yield bytes(waiting)
                waiting.clear()
        yield bytes(waiting)

    async def _all(self) -> AsyncIterator[bytes]:
        asked = self._asked
        exported_at = instant_text(self._journal.clock.now())
        bundle = {"id": asked.bundle, "services": list(asked.services)} if asked.bundle else None
        opening = {"service": self._journal.service, "case_id": asked.case_id, "exported_at": exported_at}
        # First of all: a root that is signed meanwhile may stand over commits that this part does not hold yet.
        newest = await self._roots.newest()
        self._newest_hour = newest.hour if newest else ""
        yield self._lines.opened(**opening, bundle=bundle)
        own, shared = await self._streams()
        for stream in own:
            async for line in self._own(stream):
                yield line
        for stream in await self._belonging({each.stream for each in own}):
            async for line in self._own(stream):
                yield line
        for head in await self._heads.with_key(asked.case_id):
            if head["_id"] not in self._lines.streams and asked.sees(head["court"]):
                self._lines.missing(head["_id"], head["version"], head["hash"])
        for name, versions in shared.items():
            async for line in self._shared(name, versions):
                yield line
        root = newest and {"number": newest.number, "hour": newest.hour, "sha256": token_sha256(newest.jws)}
        end = {**opening, "bundle": bundle, "root": root, **self._lines.described()}
        yield self._lines.put({"kind": "end", "jws": await self._signer.sign(end, PART_TYPE)})

    async def _streams(self) -> tuple[list[CaseStream], dict[str, list[int]]]:
        """Return the case's own streams as they stand now, and the versions of others that name it."""
        asked = self._asked
        found = await self._reader.streams_with_key(asked.case_id)
        own = {each.stream: each for each in found if asked.sees(each.court)}
        rows = await case_rows.rows_of(self._journal.store, asked.case_id)
        # What is of no single court and names the case is its court's business: who sees no stream of the case sees
        # no entry of it there either.
        stranger = asked.courts is not None and not own
        seen = [row for row in rows if asked.sees(row["court"]) and not (stranger and row["court"] == NATIONAL)]
        shared = case_rows.by_stream(row for row in seen if row["stream"] not in own)
        for name in [name for name in shared if category_of(name) in self._custody.named]:
            if (stream := await self._reader.stream(name)) is not None:
                del shared[name]
                own[name] = stream
        return [own[name] for name in sorted(own)], shared

    async def _belonging(self, known: set[str]) -> list[CaseStream]:
        names = {stream_name(category, each) for category, ids in self._attached.items() for each in ids} - known
        found = [await self._reader.stream(name) for name in sorted(names)]
        return [stream for stream in found if stream is not None and self._asked.sees(stream.court)]

    async def _own(self, stream: CaseStream) -> AsyncIterator[bytes]:
        async for commit in self._reader.commits(stream.stream, 1, stream.version):
            for category, name in self._custody.attached.items():
                self._attached[category].update(values_of(commit["entries"], name))
            yield self._lines.commit(commit_line(commit, self._places(commit, own=True)))

    async def _shared(self, stream: str, versions: Sequence[int]) -> AsyncIterator[bytes]:
        self._lines.shared(stream, versions)
        for first, last in runs_of([(version, await self._proved_by(stream, version)) for version in versions]):
            at = first
            for version in versions[bisect_left(versions, first) : bisect_right(versions, last)]:
                async for line in self._links(stream, at, version - 1):
                    yield line
                async for commit in self._reader.commits(stream, version, version):
                    yield self._lines.commit(commit_line(commit, self._places(commit, own=False)))
                at = version + 1
            async for line in self._links(stream, at, last):
                yield line

    async def _links(self, stream: str, first: int, last: int) -> AsyncIterator[bytes]:
        async for header in self._reader.headers(stream, first, last):
            yield self._lines.commit(link_line(header))

    async def _proved_by(self, stream: str, version: int) -> int:
        """Return the version of the head under whose root a commit stands, its own while there is no such root."""
        async for header in self._reader.headers(stream, version, version):
            root = await self._roots.covering(header["at"])
            if root is not None and root.hour <= self._newest_hour:
                return max(version, await self._heads.version_at(stream, root.hour))
        return version

    def _places(self, commit: Mapping[str, Any], *, own: bool) -> list[int]:
        case_id = self._asked.case_id
        return [place for place, entry in enumerate(commit["entries"]) if shown(entry, case_id, own=own)]
