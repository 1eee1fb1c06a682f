"""What payments says of the money: copied, if newer, for notice, control orders and closing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from libs.bus import Dispatch, Message
from libs.schemas import payments
from services.intake.domain.case.copies import RecordDebt
from services.intake.naming import case_stream


def _debt(message: Message[Any], **facts: Any) -> list[Dispatch]:
    return [Dispatch(case_stream(message.event.case_id), RecordDebt(source_seq=message.seq, **facts))]


def on_case_account_opened(message: Message[payments.CaseAccountOpened]) -> Iterable[Dispatch]:
    """The enforcement notice can name the account now (R-PAY-01)."""
    return _debt(message, account=message.event.account)


def on_debt_assessed(message: Message[payments.DebtAssessed]) -> Iterable[Dispatch]:
    """What is owed is what may be held (R-INQ-20)."""
    return _debt(message, debt_fen=message.event.total_fen, as_of=message.event.as_of)


def on_account_credited(message: Message[payments.AccountCredited]) -> Iterable[Dispatch]:
    """Money came in."""
    return _debt(message, recovered_fen=message.event.recovered_fen, balance_fen=message.event.balance_fen)


def on_debt_satisfied(message: Message[payments.DebtSatisfied]) -> Iterable[Dispatch]:
    """What came in covers what is owed."""
    return _debt(message, satisfied=True, recovered_fen=message.event.recovered_fen)


def on_payout_confirmed(message: Message[payments.PayoutConfirmed]) -> Iterable[Dispatch]:
    """Money left the account."""
    return _debt(message, paid_out_fen=message.event.paid_out_fen, balance_fen=message.event.balance_fen)


def on_account_settled(message: Message[payments.AccountSettled]) -> Iterable[Dispatch]:
    """Nothing is left to pay out."""
    event = message.event
    return _debt(
        message, settled=True, recovered_fen=event.recovered_fen, paid_out_fen=event.paid_out_fen, balance_fen=0
    )
