"""What the register answers with: points of a feed, entries held, digests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from libs.evidence.lthash import SetState
from libs.foundation.clock import instant

PAGE_ENTRIES = 256
"""Page k holds the sequences 256k+1 … 256k+256 (docs/joint-punishment-feed.md, section 4)."""

BUCKETS = 256
"""A bucket holds the records whose SHA-256(record_id) begins with its number."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place in a view: after entry `sequence` of a session."""

    session_id: str
    sequence: int

    def __str__(self) -> str:
        """Return the cursor that names it."""
        return f"{self.session_id}:{self.sequence}"


@dataclass(frozen=True, slots=True)
class Position:
    """How far a view may be shown: what its newest signed head names. `issued_at` None: no head was signed yet."""

    view: str
    session_id: str
    sequence: int
    issued_at: datetime | None

    @property
    def point(self) -> Point:
        """The place alone."""
        return Point(self.session_id, self.sequence)


@dataclass(frozen=True, slots=True)
class Head:
    """A signed head as it stands on the shelf: its JWS, its payload, and which of its line it is."""

    jws: str
    payload: dict[str, Any]
    revision: int
    sha256: str

    @property
    def view(self) -> str:
        """The view it speaks of."""
        return str(self.payload["view"])

    @property
    def session_id(self) -> str:
        """The session it speaks of."""
        return str(self.payload["session_id"])

    @property
    def sequence(self) -> int:
        """The last entry it names."""
        return int(self.payload["sequence"])

    @property
    def oldest_sequence(self) -> int:
        """The first entry that pages still offer."""
        return int(self.payload["oldest_sequence"])

    @property
    def issued_at(self) -> datetime:
        """When it was signed, in business time."""
        return instant(self.payload["issued_at"])

    @property
    def valid_until(self) -> datetime:
        """Until when it proves that there is nothing newer."""
        return instant(self.payload["valid_until"])

    @property
    def point(self) -> Point:
        """The place it names."""
        return Point(self.session_id, self.sequence)


@dataclass(frozen=True, slots=True)
class Held:
    """An entry as a view holds it: in force from `sequence` on, until `to_sequence` replaced it (None: it stands).

    `at` is when it was appended. A `REMOVED` entry is held, too; whoever asks who is listed looks at `status`.
    """

    sequence: int
    record_id: str
    record_version: int
    status: str
    payload: dict[str, Any]
    jws: str
    to_sequence: int | None
    at: datetime
    case_id: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of the sequence as it is served."""

    sequence: int
    jws: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Checksum:
    """What holds after one entry: the set in force and the root of the log."""

    point: Point
    state: SetState
    log_root: str

    @property
    def set(self) -> dict[str, Any]:
        """`{"alg", "count", "digest"}`."""
        return self.state.described()


@dataclass(frozen=True, slots=True)
class Appended:
    """One entry as the journal tells it to the register."""

    sequence: int
    record_id: str
    record_version: int
    jws: str
    at: str
    commit_version: int
    case_id: str = ""


@dataclass(frozen=True, slots=True)
class FullPage:
    """A full page that stands: its hash and size, and what holds after it."""

    page: int
    sha256: str
    size: int
    state: SetState
    log_root: bytes
