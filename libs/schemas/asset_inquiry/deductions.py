"""Facts about deductions: asked for, answered, confirmed only by the money itself."""

from __future__ import annotations

from typing import Literal

from libs.schemas.envelope import Event, Fen
from libs.schemas.parts import CaseAccountRef


class DeductionRequested(Event, name="deduction_requested"):
    """A deduction on an effective freeze was asked for; it never exceeds what is frozen there."""

    case_id: str
    measure_id: str
    deduction_id: str
    control_order_id: str
    agency_id: str
    request_number: str
    sequence: int
    amount_fen: Fen
    case_account: CaseAccountRef


class DeductionAnswered(Event, name="deduction_answered"):
    """The agency says it debited or sent the money. This books nothing: only the incoming payment does."""

    case_id: str
    measure_id: str
    deduction_id: str
    agency_id: str
    request_number: str
    sequence: int
    deducted_fen: Fen
    remaining_frozen_fen: Fen
    settlement: Literal["DEBITED", "SENT", "UNVERIFIED", "FAILED"]
    payment_reference: str


class DeductionConfirmed(Event, name="deduction_confirmed"):
    """The money of the deduction arrived in the case account (payments said so)."""

    case_id: str
    measure_id: str
    deduction_id: str
    agency_id: str
    amount_fen: Fen
    payment_reference: str


class DeductionFailed(Event, name="deduction_failed"):
    """The agency could not deduct; the freeze stands as it was."""

    case_id: str
    measure_id: str
    deduction_id: str
    agency_id: str
    reason: str
