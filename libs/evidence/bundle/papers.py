"""Signed papers inside of events: receipts, seals, requests and replies, entries of the feed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from libs.evidence.bundle.findings import Finding, ServiceSummary
from libs.evidence.bundle.keyring import Keyring
from libs.evidence.signing import SignatureInvalid, Verifier

_COMPACT = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_BINDING = ("sha256", "number")
_SHOWN = 40
OWNER = "agency_id"


@dataclass(frozen=True, slots=True)
class Paper:
    """A compact JWS that stands in an event; `facts` say beside it what it is about."""

    service: str
    place: str
    token: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A public key that an event says is somebody's, such as an agency's."""

    owner: str
    jwk: Mapping[str, Any]


def keys_in(entries: Sequence[Mapping[str, Any]]) -> Iterator[RegisteredKey]:
    """Yield the keys that entries register."""
    for entry in entries:
        for event in entry["events"]:
            data = event["data"]
            if isinstance(jwk := data.get("jwk"), Mapping) and isinstance(kid := data.get("kid"), str):
                yield RegisteredKey(str(data.get(OWNER, "")), {**jwk, "kid": kid})


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
            payload = _opened(paper, keys.verifiers(paper.facts.get(OWNER)))
        except SignatureInvalid as error:
            findings.append(Finding(paper.service, "signature_invalid", paper.place, error.detail))
            continue
        if payload is None:
            summary.foreign_signatures += 1
            if paper.facts.get(OWNER) and _opened(paper, keys.verifiers(None)) is not None:
                owner = paper.facts[OWNER]
                findings.append(
                    Finding(paper.service, "wrong_key", paper.place, f"it is not signed with a key of {owner}")
                )
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


def _opened(paper: Paper, verifiers: Iterable[Verifier]) -> Mapping[str, Any] | None:
    """Return what a paper says, None if no ring knows its key. Raises `SignatureInvalid` if a known key refuses it."""
    refused: SignatureInvalid | None = None
    for verifier in verifiers:
        try:
            return verifier.verify(paper.token)
        except SignatureInvalid as error:
            # Two agencies may have given their keys the same name: the right one is among them, or none is.
            refused = refused or (error if error.field != "kid" else None)
    if refused is not None:
        raise refused
    return None
