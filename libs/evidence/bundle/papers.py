"""Signed papers inside of events: receipts, seals, requests and replies, entries of the feed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from libs.evidence.bundle.findings import Finding, ServiceSummary
from libs.evidence.bundle.keyring import Keyring
from libs.evidence.signing import SignatureInvalid

_COMPACT = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_BINDING = ("sha256", "number")
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Paper:
    """A compact JWS that stands in an event; `facts` say beside it what it is about."""

    service: str
    place: str
    token: str
    facts: Mapping[str, str]


def papers_in(service: str, place: str, entries: Sequence[Mapping[str, Any]]) -> Iterator[Paper]:
    """Yield the signed papers of entries."""
    for entry in entries:
        for event in entry["events"]:
            yield from _papers(service, f"{place} {event['type']}", event["data"])


def _papers(service: str, place: str, data: Any) -> Iterator[Paper]:
    if isinstance(data, Mapping):
        facts = {name: item for name, item in data.items() if isinstance(item, str) and _binds(name)}
        for item in data.values():
            if isinstance(item, str):
                if item.startswith("eyJ") and _COMPACT.fullmatch(item):
                    yield Paper(service, place, item, facts)
            else:
                yield from _papers(service, place, item)
    elif isinstance(data, list):
        for item in data:
            yield from _papers(service, place, item)


def verify_papers(papers: Sequence[Paper], keys: Keyring, summaries: Mapping[str, ServiceSummary]) -> list[Finding]:
    """Verify every paper with whichever key of the ring it names; count those whose key is not in the ring."""
    findings = []
    for paper in papers:
        summary = summaries[paper.service]
        try:
            payload = _opened(paper, keys)
        except SignatureInvalid as error:
            findings.append(Finding(paper.service, "signature_invalid", paper.place, error.detail))
            continue
        if payload is None:
            summary.foreign_signatures += 1
            continue
        summary.signatures += 1
        findings += [
            Finding(paper.service, "signature_swapped", paper.place, f"it was signed for {name} {signed[:_SHOWN]}")
            for name, signed in payload.items()
            if _binds(name) and isinstance(signed, str) and paper.facts.get(name, signed) != signed
        ]
    return findings


def _binds(name: str) -> bool:
    """Tell whether a field says what a paper is about, so that paper and event must agree on it."""
    return name.endswith("_id") or name in _BINDING


def _opened(paper: Paper, keys: Keyring) -> Mapping[str, Any] | None:
    for verifier in keys.verifiers():
        try:
            return verifier.verify(paper.token)
        except SignatureInvalid as error:
            if error.field != "kid":
                raise
    return None
