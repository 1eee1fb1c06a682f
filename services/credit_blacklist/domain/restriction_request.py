"""A covered person's written request for correction, from receipt to the higher court's decision (R-CRB-12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from libs.schemas.credit_blacklist.objection import (
    RestrictionCorrectionRequested,
    RestrictionRefusalServed,
    RestrictionRequestDecided,
    RestrictionRequestOverdue,
    RestrictionReviewDecided,
    RestrictionReviewRequested,
)
from libs.schemas.envelope import Event
from services.credit_blacklist.domain.written_requests import RequestState


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """A request and how far it has come."""

    requested: RestrictionCorrectionRequested
    state: RequestState = "RECEIVED"
    decided: RestrictionRequestDecided | None = None
    served: RestrictionRefusalServed | None = None
    review: RestrictionReviewRequested | None = None
    reviewed: RestrictionReviewDecided | None = None
    overdue: bool = False


Requests = Mapping[str, OrderRequest]
NO_REQUESTS: Final[Requests] = MappingProxyType({})


def evolve_requests(known: Requests, event: Event) -> Requests:
    """Return the requests of an order after `event`; facts about other things change nothing."""
    if isinstance(event, RestrictionCorrectionRequested):
        return MappingProxyType({**known, event.request_id: OrderRequest(event)})
    request_id = getattr(event, "request_id", "")
    if request_id not in known:
        return known
    return MappingProxyType({**known, request_id: _evolved(known[request_id], event)})


def _evolved(one: OrderRequest, event: Event) -> OrderRequest:
    match event:
        case RestrictionRequestDecided():
            return replace(one, state=event.finding, decided=event)
        case RestrictionRefusalServed():
            return replace(one, served=event)
        case RestrictionReviewRequested():
            return replace(one, state="IN_REVIEW", review=event, overdue=False)
        case RestrictionReviewDecided():
            return replace(one, state="REVIEWED", reviewed=event)
        case RestrictionRequestOverdue():
            return replace(one, overdue=True)
    return one
