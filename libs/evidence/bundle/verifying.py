"""Verifying a bundle, line by line: in memory stands what links the commits, never all that they say."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Any, Final

import orjson

from libs.evidence.bundle.findings import BundleReport, Finding
from libs.evidence.bundle.keyring import Keyring
from libs.evidence.bundle.papers import verify_papers
from libs.evidence.bundle.service import Meant, ServiceCheck
from libs.foundation.canonical import canonical_bytes

BUNDLE_FORMAT: Final = "zhixing-evidence-bundle/1"
YOUNG_HOURS: Final = 48
"""How long after its hour a commit may stand under no root before that is a finding, in business time."""

BROKEN: Final = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What a line that is none raises wherever it is taken apart."""


def verify_bundle(
    lines: Iterable[bytes],
    *,
    pinned: Mapping[str, Mapping[str, Any]] | None = None,
    expected: AbstractSet[str] = frozenset(),
    young_hours: int = YOUNG_HOURS,
) -> BundleReport:
    """Return what is wrong with a bundle, whose lines are given as they stand in the file.

    `pinned` holds the services' keys (JWKS by service) from a source other than the bundle; `expected` the services
    that it must cover at least. Nothing in a bundle makes this raise.
    """
    check = _BundleCheck(Keyring(pinned))
    check.report.pinned = pinned is not None
    for number, line in enumerate(lines, 1):
        check.line(number, line)
    return check.finished(expected, timedelta(hours=young_hours))


class _BundleCheck:
    def __init__(self, keys: Keyring) -> None:
        self.report = BundleReport()
        self._keys = keys
        self._services: dict[str, ServiceCheck] = {}
        self._named: frozenset[str] = frozenset()
        self._digest = hashlib.sha256()
        self._lines = 0
        self._sealed = False
        self._at = ""

    def line(self, number: int, raw: bytes) -> None:
        try:
            line = orjson.loads(raw)
            if canonical_bytes(line) + b"\n" != raw:
                self._find("", "unreadable", f"line {number}", "it is not canonical JSON with a line end")
            self._take(line, number)
        except BROKEN as error:
            self._find("", "unreadable", f"line {number}", f"{type(error).__name__}: {error}"[:200])
        self._lines += 1
        self._digest.update(raw)

    def _take(self, line: Mapping[str, Any], number: int) -> None:
        if self._sealed:
            self._find("", "seal_broken", f"line {number}", "it stands behind the seal")
        kind = line["kind"]
        if kind == "bundle":
            self.report.bundle_id, self.report.case_id = str(line["id"]), str(line["case_id"])
            self.report.collected_at = str(line["collected_at"])
            self._named = frozenset(map(str, line["services"]))
            if line["format"] != BUNDLE_FORMAT or number > 1:
                self._find("", "unreadable", f"line {number}", "this is no opening of a bundle that is known here")
        elif kind == "seal":
            self._sealed = True
            if (line["lines"], line["sha256"]) != (self._lines, self._digest.hexdigest()):
                self._find("", "seal_broken", f"line {number}", "the lines before it are not those that were written")
        elif kind in ("jwks", "root", "proofs", "line"):
            service = str(line["service"])
            if service != self._at and service in self._services:
                self._find(service, "reordered", f"line {number}", "the lines of the services are mixed")
            self._at = service
            self._services.setdefault(service, ServiceCheck(service, self._keys)).take(kind, line)
        else:
            self._find("", "unreadable", f"line {number}", "there is no such kind of line")

    def finished(self, expected: AbstractSet[str], young: timedelta) -> BundleReport:
        report = self.report
        if not self._sealed:
            self._find("", "truncated", "the bundle", "its seal is missing")
        meant = Meant(report.case_id, report.bundle_id, self._named, young)
        for check in self._services.values():
            try:
                report.findings += check.finish(meant)
            except BROKEN as error:
                self._find(check.service, "unreadable", "the part", f"{type(error).__name__}: {error}"[:200])
                report.findings += check.findings
            report.services[check.service] = check.summary
        wanted = {*self._named, *expected, *self._signed_for()}
        for service in sorted(wanted - {name for name, check in self._services.items() if check.end}):
            self._find(service, "missing_service", service, "the bundle holds no signed part of this service")
        papers = [paper for check in self._services.values() for paper in check.papers]
        report.findings += verify_papers(papers, self._keys, report.services)
        report.findings = sorted(set(report.findings))
        return report

    def _signed_for(self) -> set[str]:
        """Return the services for which the other services signed that the bundle was to cover them."""
        bundles = [check.end.get("bundle") for check in self._services.values() if check.end]
        return {str(name) for bundle in bundles if isinstance(bundle, dict) for name in bundle.get("services", ())}

    def _find(self, service: str, kind: str, place: str, detail: str) -> None:
        self.report.findings.append(Finding(service, kind, place, detail))
