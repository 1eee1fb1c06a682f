"""The law of a case account: one function, `decide_account`, from a command to facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from libs.foundation.court_calendar import court_day
from libs.foundation.fen import FEN_MAX
from libs.schemas.envelope import Event
from libs.schemas.payments import (
    AccountCredited,
    CaseAccountOpened,
    DebtAssessed,
    DebtBasisRecorded,
    DebtSatisfied,
    Leg,
)
from libs.schemas.timers import TimerDue
from services.payments.domain.account import Account, evolve_account
from services.payments.domain.commands import (
    AccountCommand,
    AssessDebt,
    CreditAccount,
    DecidePayout,
    DraftPayout,
    OpenAccount,
    RecordDebtBasis,
    ResolvePayout,
)
from services.payments.domain.debt import Debt
from services.payments.domain.funds_watch import decide_watch, scheduled_watches
from services.payments.domain.payouts import decide_payout, draft_payout, resolve_payout, take_outcome
from services.payments.domain.refusals import AmountBeyondLimit, AssessmentDayOutOfReach, CaseAccountUnknown
from services.payments.rules import disbursement_clock
from services.payments.rules.delay_interest import ASSESSMENT_DAYS_AHEAD_MAX


def decide_account(state: Account, command: AccountCommand, now: datetime) -> Sequence[Event]:
    """Return the facts that follow from a command.

    Money is credited once per incoming payment and never refused for a reason of law. Raises the refusals of
    `services.payments.domain.refusals`.
    """
    if isinstance(command, RecordDebtBasis):
        return _record_basis(state, command, now)
    if isinstance(command, OpenAccount):
        return _open(state, command)
    if isinstance(command, AssessDebt):
        return _assess(state, command, now)
    if isinstance(command, CreditAccount):
        return _credit(state, command, now)
    if isinstance(command, DraftPayout):
        return draft_payout(state, command)
    if isinstance(command, DecidePayout):
        return decide_payout(state, command)
    if isinstance(command, ResolvePayout):
        return resolve_payout(state, command, now)
    if isinstance(command, TimerDue):
        return decide_watch(state, command)
    return take_outcome(state, command, now)


def _record_basis(state: Account, command: RecordDebtBasis, now: datetime) -> Sequence[Event]:
    if state.basis is not None:
        return []
    recorded = DebtBasisRecorded(
        case_id=command.case_id,
        case_number=command.case_number,
        court=command.court,
        applicants=command.applicants,
        principal_fen=command.principal_fen,
        last_day_of_performance=command.last_day_of_performance,
        filed_on=command.filed_on,
    )
    debt = evolve_account(state, recorded).debt_as_of(court_day(now))
    return [recorded, debt.event(command.case_id)] if debt else [recorded]


def _open(state: Account, command: OpenAccount) -> Sequence[Event]:
    if state.account is not None:
        return []
    return [CaseAccountOpened(case_id=command.case_id, case_number=command.case_number, account=command.account)]


def _assess(state: Account, command: AssessDebt, now: datetime) -> Sequence[Event]:
    ahead = (command.as_of - court_day(now)).days
    if not 0 <= ahead <= ASSESSMENT_DAYS_AHEAD_MAX.value:
        raise AssessmentDayOutOfReach(field="as_of")
    debt = state.debt_as_of(command.as_of)
    if debt is None:
        raise CaseAccountUnknown
    return [] if _says_the_same(state.debt, debt) else [debt.event(state.case_id)]


def _credit(state: Account, command: CreditAccount, now: datetime) -> Sequence[Event]:
    if any(credit.incoming_id == command.incoming_id for credit in state.credits):
        return []
    recovered = state.recovered_fen + command.amount_fen
    if recovered > FEN_MAX:
        raise AmountBeyondLimit(field="amount_fen")
    clock = disbursement_clock(command.value_at)
    credited = AccountCredited(
        case_id=command.case_id,
        incoming_id=command.incoming_id,
        amount_fen=command.amount_fen,
        legs=(
            Leg(account="in_transit", amount_fen=command.amount_fen),
            Leg(account=f"case/{command.case_id}", amount_fen=-command.amount_fen),
        ),
        bank_id=command.bank_id,
        reference=command.reference,
        payment_reference=command.payment_reference,
        payer_display=command.payer_display,
        value_at=command.value_at,
        balance_fen=state.balance_fen + command.amount_fen,
        recovered_fen=recovered,
        payment_notice_due=clock.payment_notice,
        payout_due=clock.payout,
        outer_limit=clock.outer_limit,
        booked_at=now,
    )
    after = evolve_account(state, credited)
    return [credited, *scheduled_watches(after.credits[-1]), *_debt_after(after)]


def _debt_after(account: Account) -> list[Event]:
    """Return the debt as of the last value day if that differs from what was said before, and whether it is covered."""
    day = account.value_day
    debt = account.debt_as_of(day) if day else None
    if debt is None or day is None:
        return []
    events: list[Event] = [] if _says_the_same(account.debt, debt) else [debt.event(account.case_id)]
    if not account.satisfied and account.recovered_fen >= debt.total_fen:
        events.append(
            DebtSatisfied(
                case_id=account.case_id, as_of=day, total_fen=debt.total_fen, recovered_fen=account.recovered_fen
            )
        )
    return events


def _says_the_same(said: DebtAssessed | None, debt: Debt) -> bool:
    return said is not None and (said.as_of, said.total_fen) == (debt.as_of, debt.total_fen)
