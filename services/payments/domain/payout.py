"""A payout: drafted, checked and approved by three people, then paid by the bank (R-PAY-07)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from libs.schemas.envelope import Event
from libs.schemas.parts import PartyRef
from libs.schemas.payments import (
    PayoutApproved,
    PayoutChecked,
    PayoutConfirmed,
    PayoutDoubtResolved,
    PayoutDrafted,
    PayoutFailed,
    PayoutInDoubt,
    PayoutPurpose,
    PayoutRejected,
    PayoutSubmitted,
)
from services.payments.domain.refusals import PayoutUnknown

PayoutState = Literal["DRAFTED", "CHECKED", "APPROVED", "SUBMITTED", "CONFIRMED", "FAILED", "REJECTED", "IN_DOUBT"]

LIVE: Final = frozenset({"DRAFTED", "CHECKED", "APPROVED", "SUBMITTED", "IN_DOUBT"})
"""States that hold the money: it may still leave the account."""


@dataclass(frozen=True, slots=True)
class Payout:
    """One payout of a case. Whom it goes to is fixed by the payee stream at `payee_seq`: what was checked is paid."""

    payout_id: str
    purpose: PayoutPurpose
    amount_fen: int
    maker: str
    payee_display: str
    payee_account_masked: str
    payee: PartyRef | None = None
    payee_stream: str = ""
    payee_seq: int = 0
    state: PayoutState = "DRAFTED"
    checker: str | None = None
    approver: str | None = None
    reason: str | None = None
    reference: str | None = None
    bank_reference: str | None = None
    resolved_by: str | None = None
    evidence: str | None = None
    booked_at: datetime | None = None

    @property
    def is_live(self) -> bool:
        """Whether the payout holds money."""
        return self.state in LIVE


def payout_id_of(case_id: str, digest: str) -> str:
    """Return the id of a payout of a case; it names its case, so that no look-up table can lag."""
    return f"payout_{digest}_{case_id}"


def case_of_payout(payout_id: str) -> str:
    """Return the case id inside a payout id. Raises `PayoutUnknown` for any other text."""
    parts = payout_id.split("_", 2)
    if len(parts) != 3 or parts[0] != "payout" or not parts[2]:  # noqa: PLR2004 -- prefix, digest, case
        raise PayoutUnknown
    return parts[2]


def evolve_payouts(payouts: Mapping[str, Payout], event: Event) -> Mapping[str, Payout]:
    """Return the payouts of a case after a fact; facts about other things change nothing."""
    if isinstance(event, PayoutDrafted):
        return MappingProxyType({**payouts, event.payout_id: _drafted(event)})
    payout_id = getattr(event, "payout_id", None)
    if payout_id is None or payout_id not in payouts:
        return payouts
    return MappingProxyType({**payouts, payout_id: _evolve(payouts[payout_id], event)})


def _drafted(event: PayoutDrafted) -> Payout:
    return Payout(
        payout_id=event.payout_id,
        purpose=event.purpose,
        amount_fen=event.amount_fen,
        maker=event.maker,
        payee_display=event.payee_display,
        payee_account_masked=event.payee_account_masked,
        payee=event.payee,
        payee_stream=event.payee_stream or "",
        payee_seq=event.payee_seq or 0,
    )


def _evolve(payout: Payout, event: Event) -> Payout:
    if isinstance(event, PayoutChecked):
        return replace(payout, state="CHECKED", checker=event.checker)
    if isinstance(event, PayoutApproved):
        return replace(payout, state="APPROVED", approver=event.approver)
    if isinstance(event, PayoutRejected):
        return replace(payout, state="REJECTED", reason=event.reason)
    if isinstance(event, PayoutSubmitted):
        return replace(payout, state="SUBMITTED", bank_reference=event.bank_reference, reference=event.reference)
    if isinstance(event, PayoutConfirmed):
        return replace(
            payout,
            state="CONFIRMED",
            bank_reference=event.bank_reference,
            reference=event.reference or payout.reference,
            booked_at=event.booked_at,
        )
    if isinstance(event, PayoutFailed):
        return replace(payout, state="FAILED", reason=event.reason)
    if isinstance(event, PayoutInDoubt):
        return replace(payout, state="IN_DOUBT", reason=event.reason, reference=event.reference or payout.reference)
    if isinstance(event, PayoutDoubtResolved):
        return replace(payout, resolved_by=event.resolved_by, evidence=event.evidence)
    return payout
