"""The case account: what came in, what goes out, what is held, what is owed. State and its evolution (R-PAY-01)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType

from libs.foundation.court_calendar import court_day
from libs.foundation.ids import stream_name
from libs.schemas.envelope import Event
from libs.schemas.parts import CaseAccountRef, PartyRef
from libs.schemas.payments import (
    AccountCredited,
    AccountSettled,
    CaseAccountOpened,
    DebtAssessed,
    DebtBasisRecorded,
    DebtSatisfied,
    FundOverdue,
)
from services.payments.domain.debt import Debt, DebtBasis, Recovery, assess
from services.payments.domain.payout import Payout, evolve_payouts


@dataclass(frozen=True, slots=True)
class Credit:
    """Identified money in the account, with the ends of its disbursement clock (R-PAY-04)."""

    incoming_id: str
    amount_fen: int
    value_at: datetime
    booked_at: datetime
    bank_id: str
    reference: str
    payment_reference: str | None
    payer_display: str
    notice_due_at: datetime
    payout_due_at: datetime
    outer_limit_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """One case's account. All sums are fen; the balance is never negative."""

    case_id: str = ""
    case_number: str = ""
    court: str = ""
    applicants: tuple[PartyRef, ...] = ()
    basis: DebtBasis | None = None
    filed_on: date | None = None
    account: CaseAccountRef | None = None
    debt: DebtAssessed | None = None
    credits: tuple[Credit, ...] = ()
    payouts: Mapping[str, Payout] = field(default_factory=lambda: MappingProxyType({}))
    overdue: tuple[FundOverdue, ...] = ()
    satisfied: bool = False
    settled: bool = False

    @property
    def recovered_fen(self) -> int:
        """Everything that ever came in."""
        return sum(credit.amount_fen for credit in self.credits)

    @property
    def paid_out_fen(self) -> int:
        """Everything that the bank confirmed as paid."""
        return sum(payout.amount_fen for payout in self.payouts.values() if payout.state == "CONFIRMED")

    @property
    def held_fen(self) -> int:
        """What payouts under way, also those in doubt, have taken out of what is available."""
        return sum(payout.amount_fen for payout in self.payouts.values() if payout.is_live)

    @property
    def balance_fen(self) -> int:
        """What stands in the account: credits less what was paid out (R-PAY-01)."""
        return self.recovered_fen - self.paid_out_fen

    @property
    def available_fen(self) -> int:
        """What a new payout may ask for: the balance less what is held."""
        return self.balance_fen - self.held_fen

    @property
    def value_day(self) -> date | None:
        """The last day on which money came in: the debt is measured on it."""
        return max((court_day(credit.value_at) for credit in self.credits), default=None)

    def debt_as_of(self, day: date) -> Debt | None:
        """Return the debt as of any day, or None for an account whose case has not been recorded."""
        if self.basis is None:
            return None
        recoveries = [Recovery(credit.amount_fen, court_day(credit.value_at)) for credit in self.credits]
        return assess(self.basis, recoveries, day)


def account_stream(case_id: str) -> str:
    """Return the stream of a case's account."""
    return stream_name("account", case_id)


def evolve_account(state: Account, event: Event) -> Account:
    """Return the account after a fact."""
    if isinstance(event, DebtBasisRecorded):
        return replace(
            state,
            case_id=event.case_id,
            case_number=event.case_number,
            court=event.court,
            applicants=event.applicants,
            basis=DebtBasis(
                principal_fen=event.principal_fen,
                last_day_of_performance=event.last_day_of_performance,
                general_interest_fen=event.general_interest_fen,
                costs_fen=event.costs_fen,
            ),
            filed_on=event.filed_on,
        )
    if isinstance(event, CaseAccountOpened):
        return replace(state, case_id=event.case_id, case_number=event.case_number, account=event.account)
    if isinstance(event, DebtAssessed):
        return replace(state, debt=event)
    if isinstance(event, AccountCredited):
        return replace(state, case_id=event.case_id, credits=(*state.credits, _credit(event)), settled=False)
    if isinstance(event, FundOverdue):
        return replace(state, overdue=(*state.overdue, event))
    if isinstance(event, DebtSatisfied):
        return replace(state, satisfied=True)
    if isinstance(event, AccountSettled):
        return replace(state, settled=True)
    return replace(state, payouts=evolve_payouts(state.payouts, event))


def _credit(event: AccountCredited) -> Credit:
    return Credit(
        incoming_id=event.incoming_id,
        amount_fen=event.amount_fen,
        value_at=event.value_at,
        booked_at=event.booked_at or event.value_at,
        bank_id=event.bank_id,
        reference=event.reference,
        payment_reference=event.payment_reference,
        payer_display=event.payer_display,
        notice_due_at=event.payment_notice_due.due_at,
        payout_due_at=event.payout_due.due_at,
        outer_limit_at=event.outer_limit.due_at,
    )
