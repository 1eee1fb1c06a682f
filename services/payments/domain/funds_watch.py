"""Watching that money does not stand still (超期未发放案款, R-PAY-04): three timers for every receipt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from libs.schemas.envelope import Event
from libs.schemas.payments import FundOverdue
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.payments.domain.account import Account, Receipt

Stage = Literal["PAYMENT_NOTICE", "PAYOUT", "OUTER_LIMIT"]
STAGES: Final[tuple[Stage, ...]] = ("PAYMENT_NOTICE", "PAYOUT", "OUTER_LIMIT")


def scheduled_watches(receipt: Receipt) -> list[Event]:
    """Return the timers of a new receipt."""
    return [TimerScheduled(timer=_timer(stage, receipt), due_at=_due_at(stage, receipt)) for stage in STAGES]


def cancelled_watches(before: Account, after: Account, now: datetime) -> list[Event]:
    """Return the cancellations for receipts that the latest payment covers; what fired already is left alone."""
    return [
        TimerCancelled(timer=_timer(stage, receipt))
        for receipt in after.receipts
        if waiting_fen(after, receipt, "PAYOUT") == 0 < waiting_fen(before, receipt, "PAYOUT")
        for stage in STAGES
        if _due_at(stage, receipt) > now
    ]


def decide_watch(state: Account, due: TimerDue) -> Sequence[Event]:
    """Say that money is overdue if part of the receipt still waits when its timer is due; else nothing."""
    for receipt in state.receipts:
        for stage in STAGES:
            if _timer(stage, receipt) == due.timer and (waiting := waiting_fen(state, receipt, stage)) > 0:
                return [
                    FundOverdue(
                        case_id=state.case_id,
                        incoming_id=receipt.incoming_id,
                        stage=stage,
                        due_at=due.due_at,
                        amount_fen=waiting,
                    )
                ]
    return []


def waiting_fen(state: Account, receipt: Receipt, stage: Stage) -> int:
    """Return what of a receipt still waits at a stage: money leaves in the order in which it came.

    The payment notice is out when a payout is drafted; the later stages ask for payment itself.
    """
    gone = state.paid_out_fen + (state.held_fen if stage == "PAYMENT_NOTICE" else 0)
    for earlier in state.receipts:
        if earlier.incoming_id == receipt.incoming_id:
            break
        gone -= earlier.amount_fen
    return receipt.amount_fen - min(max(gone, 0), receipt.amount_fen)


def _timer(stage: Stage, receipt: Receipt) -> str:
    return f"{stage.lower()}:{receipt.incoming_id}"


def _due_at(stage: Stage, receipt: Receipt) -> datetime:
    ends = {
        "PAYMENT_NOTICE": receipt.notice_due_at,
        "PAYOUT": receipt.payout_due_at,
        "OUTER_LIMIT": receipt.outer_limit_at,
    }
    return ends[stage]
