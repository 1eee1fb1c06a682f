"""The case account."""

from __future__ import annotations

from datetime import date
from typing import Literal

from libs.schemas.envelope import Event, Fact, Fen, Instant
from libs.schemas.parts import CaseAccountRef, Due, MoneyLine, PartyRef
from libs.schemas.payments.kinds import PayoutPurpose


class Leg(Fact):
    """One side of a posting: positive debits, negative credits; the legs of a posting sum to zero."""

    account: str
    amount_fen: int


class DebtBasisRecorded(Event, name="debt_basis_recorded"):
    """What the debt is computed from, as intake registered the case: parties, sums, the end of the period."""

    case_id: str
    case_number: str
    court: str
    applicants: tuple[PartyRef, ...]
    principal_fen: Fen
    general_interest_fen: Fen = 0
    costs_fen: Fen = 0
    last_day_of_performance: date
    filed_on: date


class CaseAccountOpened(Event, name="case_account_opened"):
    """The case got its own sub-account of the court's enforcement-money account (R-PAY-01)."""

    case_id: str
    case_number: str
    account: CaseAccountRef


class DebtAssessed(Event, name="debt_assessed"):
    """What is owed as of a day: principal, delay interest, fee, each with formula and article (R-PAY-08, R-PAY-20)."""

    case_id: str
    as_of: date
    lines: tuple[MoneyLine, ...]
    principal_fen: Fen
    interest_fen: Fen
    fee_fen: Fen
    total_fen: Fen


class AccountCredited(Event, name="account_credited"):
    """Identified money stands in the case account; the disbursement clock runs (R-PAY-04)."""

    case_id: str
    incoming_id: str
    amount_fen: Fen
    legs: tuple[Leg, ...]
    bank_id: str
    reference: str
    payment_reference: str | None = None
    payer_display: str
    value_at: Instant
    balance_fen: Fen
    recovered_fen: Fen
    payment_notice_due: Due
    payout_due: Due
    outer_limit: Due
    booked_at: Instant | None = None


class DebtSatisfied(Event, name="debt_satisfied"):
    """What came in covers what was owed on the day it came in."""

    case_id: str
    as_of: date
    total_fen: Fen
    recovered_fen: Fen


class PayoutDrafted(Event, name="payout_drafted"):
    """The maker asked for a payout; the amount is held and no longer available."""

    case_id: str
    payout_id: str
    purpose: PayoutPurpose
    payee: PartyRef | None = None
    payee_display: str
    payee_account_masked: str
    amount_fen: Fen
    maker: str
    available_fen: Fen
    payee_stream: str | None = None
    payee_seq: int | None = None


class PayoutChecked(Event, name="payout_checked"):
    """The checker (not the maker) agreed."""

    case_id: str
    payout_id: str
    checker: str


class PayoutApproved(Event, name="payout_approved"):
    """The approver (neither maker nor checker) agreed: the bank is asked to pay, with this event's id as reference."""

    case_id: str
    payout_id: str
    purpose: PayoutPurpose
    payee: PartyRef | None = None
    amount_fen: Fen
    approver: str


class PayoutRejected(Event, name="payout_rejected"):
    """Checker or approver said no; the hold is gone."""

    case_id: str
    payout_id: str
    rejected_by: str
    reason: str


class PayoutSubmitted(Event, name="payout_submitted"):
    """The bank has the order and has not finished it yet."""

    case_id: str
    payout_id: str
    bank_reference: str
    reference: str | None = None


class PayoutConfirmed(Event, name="payout_confirmed"):
    """The bank paid; the posting leaves the case account."""

    case_id: str
    payout_id: str
    purpose: PayoutPurpose
    payee_display: str
    amount_fen: Fen
    bank_reference: str
    legs: tuple[Leg, ...]
    balance_fen: Fen
    paid_out_fen: Fen
    reference: str | None = None
    booked_at: Instant | None = None


class PayoutFailed(Event, name="payout_failed"):
    """The bank refused the order; the hold is gone and the money is available again."""

    case_id: str
    payout_id: str
    reason: str


class PayoutInDoubt(Event, name="payout_in_doubt"):
    """Nobody can say whether the bank paid: the hold stays until a person decides with evidence."""

    case_id: str
    payout_id: str
    reason: str
    reference: str | None = None


class PayoutDoubtResolved(Event, name="payout_doubt_resolved"):
    """A person asked the bank by other means and decided, with evidence, whether a payout in doubt was paid."""

    case_id: str
    payout_id: str
    outcome: Literal["PAID", "NOT_PAID"]
    evidence: str
    resolved_by: str


class AccountSettled(Event, name="account_settled"):
    """The debt is satisfied, everything is paid out, the balance is zero and nothing is held."""

    case_id: str
    recovered_fen: Fen
    paid_out_fen: Fen


class FundOverdue(Event, name="fund_overdue"):
    """Money stands in the account beyond the disbursement clock (R-PAY-04, 超期未发放案款)."""

    case_id: str
    incoming_id: str
    stage: Literal["PAYMENT_NOTICE", "PAYOUT", "OUTER_LIMIT"]
    due_at: Instant
    amount_fen: Fen
