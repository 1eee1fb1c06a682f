"""Corrections, the listed person's requests for them, and their review: what is known of each (R-CRB-12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Literal

from libs.schemas.credit_blacklist import SignedPaper
from libs.schemas.credit_blacklist.correction import (
    CorrectionDecided,
    CorrectionOverdue,
    CorrectionProposed,
    CorrectionRefusalServed,
    CorrectionRejected,
    CorrectionRequestDecided,
    CorrectionRequested,
    CorrectionRequestOverdue,
    CorrectionReviewDecided,
    CorrectionReviewOverdue,
    CorrectionReviewRequested,
)
from libs.schemas.envelope import Event
from services.credit_blacklist.domain.written_requests import RequestState


@dataclass(frozen=True, slots=True)
class Correction:
    """A proposal to revoke or correct an entry and what became of it."""

    proposal: CorrectionProposed
    state: Literal["PROPOSED", "APPROVED", "REJECTED", "WITHDRAWN"] = "PROPOSED"
    number: str | None = None
    decided_by: str | None = None
    decided_on: date | None = None
    paper: SignedPaper | None = None
    reason: str | None = None
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class CorrectionRequest:
    """A listed person's written request, from receipt to the higher court's decision."""

    request: CorrectionRequested
    state: RequestState = "RECEIVED"
    decided: CorrectionRequestDecided | None = None
    served: CorrectionRefusalServed | None = None
    review: CorrectionReviewRequested | None = None
    review_decided: CorrectionReviewDecided | None = None
    overdue: bool = False
    review_overdue: bool = False


def evolve_corrections(known: Mapping[str, Correction], event: Event) -> Mapping[str, Correction]:
    """Return the corrections of a listing after a fact; facts about other things change nothing."""
    if isinstance(event, CorrectionProposed):
        return MappingProxyType({**known, event.correction_id: Correction(event)})
    if not isinstance(event, CorrectionDecided | CorrectionRejected | CorrectionOverdue):
        return known
    one = known[event.correction_id]
    match event:
        case CorrectionDecided():
            one = replace(
                one,
                state="APPROVED",
                number=event.number,
                decided_by=event.decided_by,
                decided_on=event.decided_on,
                paper=event.paper,
            )
        case CorrectionRejected():
            one = replace(one, state="REJECTED", decided_by=event.rejected_by, reason=event.reason)
        case CorrectionOverdue():
            one = replace(one, overdue=True)
    return MappingProxyType({**known, event.correction_id: one})


def withdrawn(known: Mapping[str, Correction]) -> Mapping[str, Correction]:
    """Return the corrections when the listing has ended: nothing that waits can be decided any more."""
    return MappingProxyType(
        {name: replace(one, state="WITHDRAWN") if one.state == "PROPOSED" else one for name, one in known.items()}
    )


def evolve_requests(known: Mapping[str, CorrectionRequest], event: Event) -> Mapping[str, CorrectionRequest]:
    """Return the requests of a listing after a fact; facts about other things change nothing."""
    if isinstance(event, CorrectionRequested):
        return MappingProxyType({**known, event.request_id: CorrectionRequest(event)})
    request_id = getattr(event, "request_id", None)
    if request_id is None or request_id not in known:
        return known
    return MappingProxyType({**known, request_id: _evolved(known[request_id], event)})


def _evolved(one: CorrectionRequest, event: Event) -> CorrectionRequest:
    match event:
        case CorrectionRequestDecided():
            return replace(one, state=event.finding, decided=event)
        case CorrectionRequestOverdue():
            return replace(one, overdue=True)
        case CorrectionRefusalServed():
            return replace(one, served=event)
        case CorrectionReviewRequested():
            return replace(one, state="IN_REVIEW", review=event)
        case CorrectionReviewDecided():
            return replace(one, state="REVIEWED", review_decided=event)
        case CorrectionReviewOverdue():
            return replace(one, review_overdue=True)
    return one
