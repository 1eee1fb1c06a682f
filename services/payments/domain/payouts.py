"""Deciding payouts: three people, the payee's own account, never more than is available or owed (R-PAY-07)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from libs.foundation.identity import masked_account
from libs.schemas.envelope import Event
from libs.schemas.parts import PartyRef
from libs.schemas.payments import (
    AccountSettled,
    Leg,
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
from services.payments.domain.account import Account, evolve_account
from services.payments.domain.commands import (
    BankOutcome,
    ConfirmPayout,
    DecidePayout,
    DraftPayout,
    FailPayout,
    ResolvePayout,
    SubmitPayout,
)
from services.payments.domain.funds_watch import cancelled_watches
from services.payments.domain.payout import Payout
from services.payments.domain.refusals import (
    CaseAccountNotOpen,
    CaseAccountUnknown,
    PayeeAccountChanged,
    PayeeAccountMissing,
    PayeeNameMismatch,
    PayeeNotApplicant,
    PayoutAboveAvailable,
    PayoutAboveEntitlement,
    PayoutNotAwaitingDecision,
    PayoutNotInDoubt,
    PayoutUnknown,
    RoleNotOfThisStep,
    SamePersonTwice,
)
from services.payments.rules.payee_control import APPROVER_ROLE, CHECKER_ROLE


def draft_payout(state: Account, command: DraftPayout) -> Sequence[Event]:
    """Draft a payout and hold its amount. Refuses a payee who may not be paid and an amount that may not leave."""
    if not state.case_id:
        raise CaseAccountUnknown
    if state.account is None:
        raise CaseAccountNotOpen
    payee = _entitled_payee(state, command)
    entitled = entitled_fen(state, command.purpose)
    if command.amount_fen > entitled:
        raise PayoutAboveEntitlement(
            f"{command.purpose} may get {entitled} fen more.", field="amount_fen", entitled_fen=entitled
        )
    if command.amount_fen > state.available_fen:
        raise PayoutAboveAvailable(
            f"{state.available_fen} fen are available.", field="amount_fen", available_fen=state.available_fen
        )
    account = command.payee.account
    return [
        PayoutDrafted(
            case_id=state.case_id,
            payout_id=command.payout_id,
            purpose=command.purpose,
            payee=payee,
            payee_display=command.payee_display,
            payee_account_masked=masked_account(account.account_number if account else ""),
            amount_fen=command.amount_fen,
            maker=command.maker,
            available_fen=state.available_fen - command.amount_fen,
            payee_stream=command.payee_stream,
            payee_seq=command.payee_seq,
        )
    ]


def entitled_fen(state: Account, purpose: PayoutPurpose) -> int:
    """Return what may still be paid for this purpose: the claim, the fee, or the surplus, less what is on its way."""
    debt = state.debt_as_of(state.value_day) if state.value_day else None
    spent = sum(
        payout.amount_fen
        for payout in state.payouts.values()
        if payout.purpose == purpose and (payout.is_live or payout.state == "CONFIRMED")
    )
    if debt is None:
        owed = state.recovered_fen if purpose == "REFUND_TO_PAYER" else 0
    elif purpose == "TO_APPLICANT":
        owed = debt.claim_fen
    elif purpose == "ENFORCEMENT_FEE":
        owed = debt.fee_fen
    else:
        owed = state.recovered_fen - debt.total_fen
    return max(owed - spent, 0)


def decide_payout(state: Account, command: DecidePayout) -> Sequence[Event]:
    """Take the checker's or the approver's decision; maker, checker and approver are three people and three roles."""
    payout = _payout(state, command.payout_id)
    step = {"DRAFTED": CHECKER_ROLE, "CHECKED": APPROVER_ROLE}.get(payout.state)
    if step is None:
        raise PayoutNotAwaitingDecision(f"The payout is {payout.state}.", state=payout.state)
    if step not in command.roles:
        raise RoleNotOfThisStep(f"A payout that is {payout.state} is decided by a {step}.")
    if command.by in {payout.maker, payout.checker}:
        raise SamePersonTwice
    if not command.approve:
        return [
            PayoutRejected(
                case_id=state.case_id, payout_id=payout.payout_id, rejected_by=command.by, reason=command.reason
            )
        ]
    if not command.payee_unchanged:
        raise PayeeAccountChanged
    if step == CHECKER_ROLE:
        return [PayoutChecked(case_id=state.case_id, payout_id=payout.payout_id, checker=command.by)]
    return [
        PayoutApproved(
            case_id=state.case_id,
            payout_id=payout.payout_id,
            purpose=payout.purpose,
            payee=payout.payee,
            amount_fen=payout.amount_fen,
            approver=command.by,
        )
    ]


def take_outcome(state: Account, command: BankOutcome, now: datetime) -> Sequence[Event]:
    """Take what the bank says, or that nobody can say it; an answer that was taken before changes nothing."""
    payout = _payout(state, command.payout_id)
    if isinstance(command, SubmitPayout):
        if payout.state != "APPROVED":
            return []
        return [
            PayoutSubmitted(
                case_id=state.case_id,
                payout_id=payout.payout_id,
                bank_reference=command.bank_reference,
                reference=command.reference,
            )
        ]
    if payout.state not in {"APPROVED", "SUBMITTED", "IN_DOUBT"}:
        return []
    if isinstance(command, ConfirmPayout):
        return _confirmed(state, payout, command.bank_reference, command.reference, now)
    if isinstance(command, FailPayout):
        return [PayoutFailed(case_id=state.case_id, payout_id=payout.payout_id, reason=command.reason)]
    if payout.state == "IN_DOUBT":
        return []
    return [
        PayoutInDoubt(
            case_id=state.case_id,
            payout_id=payout.payout_id,
            reason=command.reason,
            reference=command.reference or None,
        )
    ]


def resolve_payout(state: Account, command: ResolvePayout, now: datetime) -> Sequence[Event]:
    """Take a person's decision about a payout in doubt; the maker may not make it."""
    payout = _payout(state, command.payout_id)
    if payout.state != "IN_DOUBT":
        raise PayoutNotInDoubt(f"The payout is {payout.state}.", state=payout.state)
    if command.by == payout.maker:
        raise SamePersonTwice
    resolved = PayoutDoubtResolved(
        case_id=state.case_id,
        payout_id=payout.payout_id,
        outcome=command.outcome,
        evidence=command.evidence,
        resolved_by=command.by,
    )
    if command.outcome == "PAID":
        return [resolved, *_confirmed(state, payout, command.bank_reference, payout.reference or "", now)]
    return [resolved, PayoutFailed(case_id=state.case_id, payout_id=payout.payout_id, reason=command.evidence)]


def _entitled_payee(state: Account, command: DraftPayout) -> PartyRef | None:
    payee = command.payee
    applicant = next((party for party in state.applicants if party.party_id == payee.party_id), None)
    if command.purpose == "TO_APPLICANT" and applicant is None:
        raise PayeeNotApplicant(field="payee_id")
    if payee.account is None:
        raise PayeeAccountMissing(field="payee_id")
    if command.purpose == "TO_APPLICANT" and payee.account.account_name.strip() != payee.name.strip():
        raise PayeeNameMismatch(field="payee_id")
    if command.purpose == "REFUND_TO_PAYER" and command.payee_display not in {
        credit.payer_display for credit in state.credits
    }:
        raise PayeeNameMismatch("The refund account is not in the name of anyone who paid in.", field="refund_account")
    return applicant


def _payout(state: Account, payout_id: str) -> Payout:
    if payout_id not in state.payouts:
        raise PayoutUnknown
    return state.payouts[payout_id]


def _confirmed(state: Account, payout: Payout, bank_reference: str, reference: str, now: datetime) -> list[Event]:
    bank_id = state.account.bank_id if state.account else ""
    confirmed = PayoutConfirmed(
        case_id=state.case_id,
        payout_id=payout.payout_id,
        purpose=payout.purpose,
        payee_display=payout.payee_display,
        amount_fen=payout.amount_fen,
        bank_reference=bank_reference,
        legs=(
            Leg(account=f"case/{state.case_id}", amount_fen=payout.amount_fen),
            Leg(account=f"bank/{bank_id}", amount_fen=-payout.amount_fen),
        ),
        balance_fen=state.balance_fen - payout.amount_fen,
        paid_out_fen=state.paid_out_fen + payout.amount_fen,
        reference=reference or None,
        booked_at=now,
    )
    after = evolve_account(state, confirmed)
    events: list[Event] = [confirmed, *cancelled_watches(state, after, now)]
    if after.satisfied and after.balance_fen == 0:
        events.append(
            AccountSettled(case_id=state.case_id, recovered_fen=after.recovered_fen, paid_out_fen=after.paid_out_fen)
        )
    return events
