"""Facts of `payments`: the case-fund ledger. One case one account, one posting one event with both legs."""

from __future__ import annotations

from datetime import date
from typing import Literal

from libs.schemas.envelope import Event, Fact, Fen, Instant
from libs.schemas.parts import CaseAccountRef, Due, MoneyLine, PartyRef

PayoutPurpose = Literal["TO_APPLICANT", "ENFORCEMENT_FEE", "REFUND_TO_PAYER"]

# --- the case account ------------------------------------------------------------------------------------------------


class Leg(Fact):
    """One side of a posting: positive debits, negative credits; the legs of a posting sum to zero."""

    account: str
    amount_fen: int


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


# --- incoming money --------------------------------------------------------------------------------------------------


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


# --- copies for our own decisions, never published -------------------------------------------------------------------


class AccountNumberBound(Event, name="account_number_bound"):
    """Which case an account number or case number belongs to: how a statement line finds its case."""

    name: str
    case_id: str
    court: str


class PayeeRecorded(Event, name="payee_recorded"):
    """Our copy of a party's name and payee account (R-PAY-07)."""

    party_id: str
    name: str
    account_name: str | None = None
    account_number: str | None = None
    bank_id: str | None = None
    bank_name: str | None = None
    source_seq: int
