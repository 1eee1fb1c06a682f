"""A debtor's listing in one case: its decisions, the record in force, what ended. State and names (R-CRB-01 to -11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal, TypeVar

from libs.foundation.errors import NotFound
from libs.foundation.ids import stream_name
from libs.schemas.credit_blacklist import FeedRecord, Ground, RemovalGround, SignedPaper
from libs.schemas.credit_blacklist.listing import (
    Cancellation,
    CreditRepairCertified,
    ListingDrafted,
    ListingServed,
    ListingWarned,
    RemovalProposed,
)
from libs.schemas.parts import Due
from services.credit_blacklist.domain.correction import Correction, CorrectionRequest
from services.credit_blacklist.rules.grounds import has_term
from services.credit_blacklist.rules.terms import listed_until

T = TypeVar("T")

DecisionState = Literal["DRAFTED", "REJECTED", "DECIDED", "GRACE", "PUBLISHED", "CANCELLED"]
ProposalState = Literal["PROPOSED", "APPROVED", "REJECTED", "WITHDRAWN"]

PREFIX = "lst"
SEPARATOR = "~"


class ListingUnknown(NotFound):
    """There is no listing, decision, removal or request of this id at the caller's courts."""

    code = "listing_unknown"
    title = "There is no such listing"
    remedy = "Check the id and the court of the token."


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision to list, or to add to a listing: from draft to publication."""

    draft: ListingDrafted
    state: DecisionState = "DRAFTED"
    number: str | None = None
    decided_on: date | None = None
    decided_by: str | None = None
    term_ends_on: date | None = None
    grace: Due | None = None
    served: ListingServed | None = None
    grace_over: bool = False
    overdue: bool = False
    paper: SignedPaper | None = None
    reason: str | None = None
    cancelled_for: Cancellation | None = None

    @property
    def is_open(self) -> bool:
        """Whether the debtor may still come to be listed by this decision."""
        return self.state in ("DRAFTED", "DECIDED", "GRACE")

    def may_publish(self, now: datetime) -> bool:
        """Whether it is signed, served, and its grace period over (R-CRB-06, R-CRB-07)."""
        waited = self.grace is None or self.grace_over or now >= self.grace.due_at
        return self.state in ("DECIDED", "GRACE") and self.served is not None and waited


@dataclass(frozen=True, slots=True)
class Episode:
    """One stay on the list, from publication to removal."""

    record: FeedRecord
    decisions: tuple[str, ...]
    decided_on: date
    grounds: tuple[Ground, ...]
    duty: str
    published_at: datetime
    term_ends_on: date | None = None
    extension_years: int = 0
    performed_fen: int | None = None
    removed_at: datetime | None = None
    removed_on: date | None = None
    removal_ground: RemovalGround | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """A proposal to remove the listing and what became of it."""

    proposal: RemovalProposed
    state: ProposalState = "PROPOSED"
    number: str | None = None
    decided_by: str | None = None
    decided_on: date | None = None
    paper: SignedPaper | None = None
    reason: str | None = None
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything about one debtor in one case. `version` counts the published versions of the record, gap-free."""

    listing_id: str = ""
    case_id: str = ""
    warned: ListingWarned | None = None
    decisions: Mapping[str, Decision] = field(default_factory=lambda: MappingProxyType({}))
    current: Episode | None = None
    archive: tuple[Episode, ...] = ()
    version: int = 0
    removals: Mapping[str, Removal] = field(default_factory=lambda: MappingProxyType({}))
    corrections: Mapping[str, Correction] = field(default_factory=lambda: MappingProxyType({}))
    requests: Mapping[str, CorrectionRequest] = field(default_factory=lambda: MappingProxyType({}))
    certificates: tuple[CreditRepairCertified, ...] = ()

    def decision(self, decision_id: str) -> Decision:
        """Return a decision. Raises `ListingUnknown`."""
        return _found(self.decisions, decision_id)

    def removal(self, removal_id: str) -> Removal:
        """Return a proposal to remove. Raises `ListingUnknown`."""
        return _found(self.removals, removal_id)

    def correction(self, correction_id: str) -> Correction:
        """Return a proposal to correct. Raises `ListingUnknown`."""
        return _found(self.corrections, correction_id)

    def request(self, request_id: str) -> CorrectionRequest:
        """Return a listed person's request. Raises `ListingUnknown`."""
        return _found(self.requests, request_id)

    @property
    def latest(self) -> Episode | None:
        """The stay on the list that goes on, or else the last one that ended."""
        return self.current or (self.archive[-1] if self.archive else None)

    @property
    def open_removal(self) -> Removal | None:
        """The proposal to remove that waits for the president."""
        return next((one for one in self.removals.values() if one.state == "PROPOSED"), None)

    @property
    def status(self) -> str:
        """LISTED while the record is in force; else how far the newest decision has come, or REMOVED."""
        if self.current is not None:
            return "LISTED"
        waiting = [one.state for one in self.decisions.values() if one.is_open]
        if waiting:
            return waiting[-1]
        if self.archive:
            return "REMOVED"
        return next(reversed([one.state for one in self.decisions.values()]), "WARNED")


def listing_id_of(party_id: str, case_id: str) -> str:
    """Return the id of a debtor's listing in a case: it can be read back, so that no look-up table can lag."""
    return SEPARATOR.join((PREFIX, party_id, case_id))


def listing_stream(party_id: str, case_id: str) -> str:
    """Return the stream of a debtor's listing in a case."""
    return stream_name("listing", party_id, case_id)


def stream_of_listing(any_id: str) -> str:
    """Return the stream that a listing, or a decision, removal, correction or request of it, stands in.

    Raises `ListingUnknown` for any other text.
    """
    parts = any_id.split(SEPARATOR)
    if len(parts) not in (3, 4) or parts[0] != PREFIX or not all(parts):
        raise ListingUnknown
    return listing_stream(parts[1], parts[2])


def corrected_term(episode: Episode, grounds: tuple[Ground, ...]) -> date | None:
    """Return the last day of a listing whose grounds are corrected.

    None without a term; as before where it had one; from the decision day on where only a wrong ground had none.
    """
    if not has_term(grounds):
        return None
    if episode.term_ends_on is not None:
        return episode.term_ends_on
    return listed_until(grounds, episode.decided_on, episode.extension_years)


def part_id(listing_id: str, kind: str, before: int) -> str:
    """Return the id of a part of a listing, counted from 1; `before` says how many there are.

    Kinds: decision `d`, removal `r`, end by rule `e`, correction `c`, request `q`, certificate `k`.
    """
    return f"{listing_id}{SEPARATOR}{kind}{before + 1}"


def _found(known: Mapping[str, T], wanted: str) -> T:
    if wanted not in known:
        raise ListingUnknown
    return known[wanted]
