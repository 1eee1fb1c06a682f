"""Facts of `payments`: the case-fund ledger. One case one account, one posting one event with both legs."""

from __future__ import annotations

from datetime import date
from typing import Literal

from libs.schemas.envelope import Event, Fact, Fen, Instant
from libs.schemas.parts import CaseAccountRef, Due, MoneyLine, PartyRef

PayoutPurpose = Literal["TO_APPLICANT", "ENFORCEMENT_FEE", "REFUND_TO_PAYER"]

# --- the court's account for enforcement money ------------------------------------------------------------------------


class FeeAccount(Fact):
    """Where the enforcement fee goes: an account of the treasury, never of a person."""

    account_name: str
    account_number: str
    bank_id: str
    bank_name: str


class FundAccountSet(Event, name="fund_account_set"):
    """The court's enforcement-money account at its custodian bank (案款专户); case accounts are numbered under it."""

    court: str
    account_name: str
    account_number_prefix: str
    bank_name: str
    bank_id: str
    fee_account: FeeAccount


class SubAccountRequested(Event, name="sub_account_requested"):
    """A case asked for its account before the court's account was set: it waits, nothing else waits for it."""

    case_id: str
    case_number: str
    court: str
    serial: int


class SubAccountAllotted(Event, name="sub_account_allotted"):
    """A number of the court's account belongs to this case and to no other; serials have no gaps (R-PAY-01)."""

    case_id: str
    case_number: str
    court: str
    serial: int
    account: CaseAccountRef


# --- the case account ------------------------------------------------------------------------------------------------


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


# --- copies for our own decisions, never published -------------------------------------------------------------------


class AccountNumberBound(Event, name="account_number_bound"):
    """Which case an account number or case number belongs to: how a statement line finds its case."""

    name: str
    case_id: str
    court: str


class AccountPrefixBound(Event, name="account_prefix_bound"):
    """Which court the account numbers of a custodian bank that begin so are of: how a stray line finds its pool."""

    bank_id: str
    prefix: str
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
