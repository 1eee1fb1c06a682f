"""Control orders."""

from __future__ import annotations

from datetime import date
from typing import Literal

from libs.schemas.envelope import Event, Fact, Fen
from libs.schemas.parts import (
    CaseAccountRef,
    OfficerRef,
    PaperRef,
    PartyRef,
    RequestKind,
)


class ControlOrderItem(Fact):
    """One thing an agency is told to do. RENEW, RELEASE and DEDUCT name the original request and item."""

    sequence: int
    agency_id: str
    asset_id: str
    account_reference: str
    amount_fen: Fen
    original_request_number: str | None = None
    original_sequence: int | None = None


class ControlOrderIssued(Event, name="control_order_issued"):
    """A control order left the case officer's desk with its papers and two officers' credentials (R-INQ-04, -05)."""

    case_id: str
    case_number: str
    control_order_id: str
    kind: RequestKind
    debtor: PartyRef
    items: tuple[ControlOrderItem, ...]
    papers: tuple[PaperRef, ...]
    officers: tuple[OfficerRef, ...]
    requested_by: str
    approved_by: str
    limit_fen: Fen
    term_from: date | None = None
    term_to: date | None = None
    case_account: CaseAccountRef | None = None
    remainder: Literal["KEEP", "RELEASE"] | None = None


class ControlOrderResultRecorded(Event, name="control_order_result_recorded"):
    """Intake's copy of the final check of a control order by asset_inquiry."""

    case_id: str
    control_order_id: str
    accepted: bool
    code: str | None = None
    reason: str | None = None
