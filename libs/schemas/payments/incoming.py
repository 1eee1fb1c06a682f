"""Incoming money."""

from __future__ import annotations

from typing import Literal

from libs.schemas.envelope import Event, Fen, Instant


class IncomingPaymentRecorded(Event, name="incoming_payment_recorded"):
    """A custodian bank's statement line, registered once by bank and reference. Money is never refused."""

    incoming_id: str
    bank_id: str
    reference: str
    account_number: str
    amount_fen: Fen
    value_at: Instant
    payer_display: str
    payment_reference: str | None = None
    case_hint: str | None = None
    booked_at: Instant | None = None


class IncomingPaymentUnidentified(Event, name="incoming_payment_unidentified"):
    """No case could be found: the money waits in the unidentified pool (不明案款, R-PAY-03)."""

    incoming_id: str
    bank_id: str
    amount_fen: Fen
    reason: str


class IncomingPaymentIdentified(Event, name="incoming_payment_identified"):
    """The money belongs to this case; a derived command credits its account."""

    incoming_id: str
    bank_id: str
    reference: str
    case_id: str
    amount_fen: Fen
    method: Literal["ACCOUNT_NUMBER", "CASE_NUMBER", "TWO_PERSONS"]
    payer_display: str
    payment_reference: str | None = None
    value_at: Instant
    booked_at: Instant | None = None


class IncomingPaymentContradicted(Event, name="incoming_payment_contradicted"):
    """The bank sent a registered reference again with another content: the first stands, a person must look."""

    incoming_id: str
    bank_id: str
    reference: str
    account_number: str
    registered_fen: Fen
    claimed_fen: Fen
    value_at: Instant


class IdentificationProposed(Event, name="identification_proposed"):
    """One person says, with evidence, which case unidentified money belongs to (R-PAY-03: CANDIDATE)."""

    incoming_id: str
    case_id: str
    evidence: str
    proposed_by: str


class IdentificationRejected(Event, name="identification_rejected"):
    """The second person does not agree: the money stays in the pool."""

    incoming_id: str
    case_id: str
    rejected_by: str
    reason: str
