"""What can be asked of a case account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from libs.schemas.parts import CaseAccountRef, PartyRef
from libs.schemas.payments import PayoutPurpose
from libs.schemas.timers import TimerDue
from services.payments.domain.payee import Payee


@dataclass(frozen=True, slots=True)
class RecordDebtBasis:
    """Take over from intake what the debt is computed from."""

    case_id: str
    case_number: str
    court: str
    applicants: tuple[PartyRef, ...]
    principal_fen: int
    last_day_of_performance: date
    filed_on: date


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """Give the case its own account (R-PAY-01)."""

    case_id: str
    case_number: str
    account: CaseAccountRef


@dataclass(frozen=True, slots=True)
class AssessDebt:
    """State the debt as of an expected day, so that measures may reach that far (R-INQ-20)."""

    as_of: date


@dataclass(frozen=True, slots=True)
class CreditAccount:
    """Book identified money into the case account."""

    case_id: str
    incoming_id: str
    amount_fen: int
    bank_id: str
    reference: str
    payment_reference: str | None
    payer_display: str
    value_at: datetime


@dataclass(frozen=True, slots=True)
class DraftPayout:
    """The maker asks for a payout. `payee` is whom the private stream `payee_stream` names at `payee_seq`."""

    payout_id: str
    purpose: PayoutPurpose
    amount_fen: int
    maker: str
    payee: Payee
    payee_display: str
    payee_stream: str
    payee_seq: int


@dataclass(frozen=True, slots=True)
class DecidePayout:
    """Checker or approver agrees or not. `payee_unchanged`: the payee's account is still the one that was drafted."""

    payout_id: str
    approve: bool
    reason: str
    by: str
    roles: frozenset[str]
    payee_unchanged: bool = True


@dataclass(frozen=True, slots=True)
class SubmitPayout:
    """The bank has the order and has not finished it."""

    payout_id: str
    bank_reference: str
    reference: str


@dataclass(frozen=True, slots=True)
class ConfirmPayout:
    """The bank paid."""

    payout_id: str
    bank_reference: str
    reference: str


@dataclass(frozen=True, slots=True)
class FailPayout:
    """The bank refused, and nothing left the account."""

    payout_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class DoubtPayout:
    """Nobody can say whether the bank paid; `reference` is what the bank can be asked by on another channel."""

    payout_id: str
    reason: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class ResolvePayout:
    """A person decides, with evidence, what became of a payout in doubt."""

    payout_id: str
    outcome: Literal["PAID", "NOT_PAID"]
    bank_reference: str
    evidence: str
    by: str


BankOutcome = SubmitPayout | ConfirmPayout | FailPayout | DoubtPayout
AccountCommand = (
    RecordDebtBasis
    | OpenAccount
    | AssessDebt
    | CreditAccount
    | DraftPayout
    | DecidePayout
    | BankOutcome
    | ResolvePayout
    | TimerDue
)
