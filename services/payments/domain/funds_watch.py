"""Watching that money does not stand still (超期未发放案款, R-PAY-04): three timers for every credit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from libs.schemas.envelope import Event
from libs.schemas.payments import FundOverdue
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.payments.domain.account import Account, Credit

Stage = Literal["PAYMENT_NOTICE", "PAYOUT", "OUTER_LIMIT"]
STAGES: Final[tuple[Stage, ...]] = ("PAYMENT_NOTICE", "PAYOUT", "OUTER_LIMIT")


def scheduled_watches(credit: Credit) -> list[Event]:
    """Return the timers of a new credit."""
    return [TimerScheduled(timer=_timer(stage, credit), due_at=_due_at(stage, credit)) for stage in STAGES]


def cancelled_watches(before: Account, after: Account, now: datetime) -> list[Event]:
    """Return the cancellations for credits that the latest payment covers; what fired already is left alone."""
    return [
        TimerCancelled(timer=_timer(stage, credit))
        for credit in after.credits
        if waiting_fen(after, credit, "PAYOUT") == 0 < waiting_fen(before, credit, "PAYOUT")
        for stage in STAGES
        if _due_at(stage, credit) > now
    ]


def decide_watch(state: Account, due: TimerDue) -> Sequence[Event]:
    """Say that money is overdue if part of the credit still waits when its timer is due; else nothing."""
    for credit in state.credits:
        for stage in STAGES:
            if _timer(stage, credit) == due.timer and (waiting := waiting_fen(state, credit, stage)) > 0:
                return [
                    FundOverdue(
                        case_id=state.case_id,
                        incoming_id=credit.incoming_id,
                        stage=stage,
                        due_at=due.due_at,
                        amount_fen=waiting,
                    )
                ]
    return []


def waiting_fen(state: Account, credit: Credit, stage: Stage) -> int:
    """Return what of a credit still waits at a stage: money leaves in the order in which it came.

    The payment notice is out when a payout is drafted; the later stages ask for payment itself.
    """
    gone = state.paid_out_fen + (state.held_fen if stage == "PAYMENT_NOTICE" else 0)
    for earlier in state.credits:
        if earlier.incoming_id == credit.incoming_id:
            break
        gone -= earlier.amount_fen
    return credit.amount_fen - min(max(gone, 0), credit.amount_fen)


def _timer(stage: Stage, credit: Credit) -> str:
    return f"{stage.lower()}:{credit.incoming_id}"


def _due_at(stage: Stage, credit: Credit) -> datetime:
    ends = {
        "PAYMENT_NOTICE": credit.notice_due_at,
        "PAYOUT": credit.payout_due_at,
        "OUTER_LIMIT": credit.outer_limit_at,
    }
    return ends[stage]
