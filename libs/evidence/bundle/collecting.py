"""Collecting a bundle from the running services into one file."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

import httpx
import orjson

from libs.evidence.bundle.verifying import BUNDLE_FORMAT
from libs.evidence.bundle.writing import BundleWriter
from libs.foundation.clock import instant_text
from libs.foundation.ids import new_id

STREAMS_AT_ONCE = 20
_SPOOL_BYTES = 16 * 1024 * 1024
_HOUR_CHARS = len("2024-06-30T08")
_SECONDS = 120.0


class CollectionFailed(Exception):
    """A service did not tell its part; no bundle is written."""


@dataclass(slots=True)
class _Told:
    """What a part told on its way: the hours in which its streams changed, and its signed end."""

    hours: dict[str, set[str]] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    root: Mapping[str, Any] | None = None

    def note(self, line: Mapping[str, Any]) -> None:
        if line["kind"] in ("commit", "excerpt"):
            header = line.get("commit") or line["header"]
            self.hours.setdefault(header["stream"], set()).add(header["at"][:_HOUR_CHARS])
        elif line["kind"] == "end":
            end = _payload(line["jws"])
            self.root = end["root"]
            self.whole = {each["stream"] for each in end["streams"] if each["form"] == "whole"}


async def collect_bundle(
    case_id: str, services: Mapping[str, httpx.AsyncClient], target: Path, *, purpose: str
) -> dict[str, int]:
    """Write the bundle of a case and return how many lines each service told.

    A client of `services` knows its service's address and carries a token with the scope `<service>.evidence.read`.
    The reading is logged by every service with the `purpose`. Raises `CollectionFailed`; then `target` is untouched.
    """
    bundle = new_id("bundle")
    named = sorted(services)
    told: dict[str, int] = {}
    draft = target.with_name(f"{target.name}.draft")
    try:
        with draft.open("wb") as file:
            writer = BundleWriter(file)
            writer.put(
                {
                    "kind": "bundle",
                    "format": BUNDLE_FORMAT,
                    "id": bundle,
                    "case_id": case_id,
                    "services": named,
                    "collected_at": instant_text(datetime.now(UTC)),
                }
            )
            for service in named:
                asked = {"case_id": case_id, "purpose": purpose, "bundle": bundle, "services": ",".join(named)}
                told[service] = await _Collector(service, services[service], writer).collect(asked)
            writer.seal()
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return told


class _Collector:
    """Collects one service's share."""

    def __init__(self, service: str, client: httpx.AsyncClient, writer: BundleWriter) -> None:
        self._service = service
        self._client = client
        self._writer = writer

    async def collect(self, asked: Mapping[str, str]) -> int:
        """Write keys, roots, proofs and part in the order in which they are verified."""
        told, lines = _Told(), 0
        with SpooledTemporaryFile(max_size=_SPOOL_BYTES) as part:
            async for raw in self._lines("/v1/evidence/commits", asked):
                part.write(raw + b"\n")
                told.note(orjson.loads(raw))
                lines += 1
            if told.root is None and not lines:
                raise CollectionFailed(f"{self._service} told nothing")
            self._put("jwks", jwks=await self._json("/.well-known/jwks.json", {}))
            for hour, streams in (await self._roots(told)).items():
                await self._proofs(hour, sorted(streams))
            part.seek(0)
            for raw in part:
                self._put("line", line=orjson.loads(raw))
        return lines

    async def _roots(self, told: _Told) -> dict[str, set[str]]:
        """Write the roots from the case's first hour on, and return which streams must be proved under which."""
        if told.root is None:
            return {}
        since = min((hour for hours in told.hours.values() for hour in hours), default=told.root["hour"])
        roots: list[str] = []
        async for raw in self._lines("/v1/evidence/roots", {"since": min(since, told.root["hour"])}):
            root = orjson.loads(raw)
            # What was signed since then stands over commits that the part does not hold.
            if root["number"] <= told.root["number"]:
                self._put("root", jws=root["jws"])
                roots.append(root["hour"])
        wanted: dict[str, set[str]] = {}
        for stream, hours in told.hours.items():
            covering = {next((root for root in roots if root >= hour), "") for hour in hours}
            if stream in told.whole and covering != {""}:
                covering.add(roots[-1])
            for hour in covering - {""}:
                wanted.setdefault(hour, set()).add(stream)
        return dict(sorted(wanted.items()))

    async def _proofs(self, hour: str, streams: list[str]) -> None:
        for start in range(0, len(streams), STREAMS_AT_ONCE):
            asked = {"stream": streams[start : start + STREAMS_AT_ONCE]}
            answer = await self._client.get(f"/v1/evidence/roots/{hour}", params=asked, timeout=_SECONDS)
            # A root that does not know these streams contradicts the part: the verification is to say so, not we.
            proofs = answer.json()["proofs"] if answer.status_code == httpx.codes.OK else []
            self._put("proofs", hour=hour, proofs=proofs)

    def _put(self, kind: str, **fields: Any) -> None:
        self._writer.put({"kind": kind, "service": self._service, **fields})

    async def _json(self, path: str, asked: Mapping[str, str]) -> Any:
        try:
            answer = await self._client.get(path, params=asked, timeout=_SECONDS)
            answer.raise_for_status()
            return answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise CollectionFailed(f"{self._service} {path}: {error}") from error

    async def _lines(self, path: str, asked: Mapping[str, str]) -> AsyncIterator[bytes]:
        try:
            async with self._client.stream("GET", path, params=asked, timeout=_SECONDS) as answer:
                if answer.status_code != httpx.codes.OK:
                    problem = (await answer.aread()).decode(errors="replace")[:300]
                    raise CollectionFailed(f"{self._service} {path}: {answer.status_code} {problem}")
                rest = b""
                async for chunk in answer.aiter_bytes():
                    *whole, rest = (rest + chunk).split(b"\n")
                    for line in whole:
                        yield line
                if rest:
                    raise CollectionFailed(f"{self._service} {path}: the answer broke off")
        except httpx.HTTPError as error:
            raise CollectionFailed(f"{self._service} {path}: {error!r}") from error


def _payload(token: str) -> Mapping[str, Any]:
    """Return what a token says, unverified: the collector carries, the reader verifies."""
    part = token.split(".")[1]
    payload: Mapping[str, Any] = orjson.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return payload
