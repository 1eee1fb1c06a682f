"""What the verification of a bundle says: findings by name, and what was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

KINDS: Final[Mapping[str, str]] = {
    "altered": "a commit, an entry or a line is not what was signed",
    "removed": "a commit or a line is missing in the middle",
    "truncated": "the end is missing",
    "reordered": "commits do not stand in their order",
    "repeated": "a commit stands more than once",
    "backdated": "a commit claims an hour whose root, signed later, does not know it",
    "signature_invalid": "a signature does not verify",
    "signature_swapped": "a valid signature was put to something else",
    "wrong_key": "signed with a key that is not the service's",
    "missing_service": "a service's part is missing",
    "foreign": "it belongs to another case, service or bundle",
    "root_removed": "the line of roots has a gap or was changed",
    "root_contradicted": "a signed root does not hold what it should",
    "unproved": "no proof leads from here to a root",
    "stale_root": "the newest root is older than it should be",
    "unreadable": "a line is not what a bundle consists of",
    "seal_broken": "the file is not as it was written",
}
"""Every kind of finding with its meaning."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong. `place` names the stream and commit, the root or the line."""

    service: str
    kind: str
    place: str
    detail: str


@dataclass(slots=True)
class ServiceSummary:
    """What was looked at of one service."""

    service: str
    streams: int = 0
    shared_streams: int = 0
    commits: int = 0
    entries: int = 0
    signatures: int = 0
    """Signed papers inside of events that verify with a key of the bundle."""
    foreign_signatures: int = 0
    """Signed papers inside of events whose key is not in the bundle, such as agencies'."""
    roots: int = 0
    proofs: int = 0
    open_commits: int = 0
    """Commits that are too young to stand under a root; the signature under the part covers them."""
    keys: tuple[str, ...] = ()
    """Names and RFC 7638 thumbprints of the keys that were trusted."""


@dataclass(slots=True)
class BundleReport:
    """All that the verification found."""

    bundle_id: str = ""
    case_id: str = ""
    collected_at: str = ""
    pinned: bool = False
    """Whether the keys came from elsewhere; keys out of the bundle itself prove only that it fits itself."""
    services: dict[str, ServiceSummary] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings
