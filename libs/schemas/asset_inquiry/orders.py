"""Facts about control orders: the limit, the final check, what every request of an order carries."""

from __future__ import annotations

from datetime import date
from typing import Literal

from libs.schemas.asset_inquiry.requests import RequestItem
from libs.schemas.envelope import Event, Fact, Fen
from libs.schemas.intake import ControlOrderIssued
from libs.schemas.parts import CaseAccountRef, OfficerRef, PaperRef, PartyRef, RequestKind


class ControlLimitRecorded(Event, name="control_limit_recorded"):
    """What may be frozen at most in this case: the debt as payments assessed it (R-INQ-20)."""

    case_id: str
    limit_fen: Fen
    as_of: date
    source_seq: int


class PlannedControl(Fact):
    """One request of an accepted order: all its items for one agency, with id and number fixed before it is issued."""

    request_id: str
    request_number: str
    agency_id: str
    items: tuple[RequestItem, ...]


class OrderTerms(Fact):
    """What every request of a control order carries: who is concerned, papers, officers, term, account."""

    case_number: str
    debtor: PartyRef
    papers: tuple[PaperRef, ...]
    officers: tuple[OfficerRef, ...]
    requested_by: str
    term_from: date | None = None
    term_to: date | None = None
    case_account: CaseAccountRef | None = None
    remainder: Literal["KEEP", "RELEASE"] | None = None


class ControlOrderReceived(Event, name="control_order_received"):
    """Intake's control order arrived and waits for its final check: papers, roster and debt may still be on the way."""

    case_id: str
    control_order_id: str
    kind: RequestKind
    order: ControlOrderIssued


class ControlOrderAccepted(Event, name="control_order_accepted"):
    """The final check passed: the order's items become requests."""

    case_id: str
    control_order_id: str
    kind: RequestKind
    measure_ids: tuple[str, ...]
    terms: OrderTerms | None = None
    planned: tuple[PlannedControl, ...] = ()


class ControlOrderDeferred(Event, name="control_order_deferred"):
    """A release passed the check but waits: a deduction on the same freeze is still open."""

    case_id: str
    control_order_id: str
    kind: RequestKind
    measure_ids: tuple[str, ...]
    waits_for: tuple[str, ...]
    terms: OrderTerms
    planned: tuple[PlannedControl, ...]


class ControlOrderRefused(Event, name="control_order_refused"):
    """The final check refused the order; nothing was sent to anyone."""

    case_id: str
    control_order_id: str
    kind: RequestKind
    code: str
    reason: str
    rule: str | None = None
