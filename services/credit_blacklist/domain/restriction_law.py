"""The law of `restriction/<order>`: which command is decided where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from libs.schemas.envelope import Event
from libs.schemas.timers import TimerDue
from services.credit_blacklist.domain import (
    restriction_correction,
    restriction_exemption,
    restriction_lifting,
    restriction_order,
    restriction_request_law,
)
from services.credit_blacklist.domain.restriction import RestrictionOrder
from services.credit_blacklist.domain.restriction_commands import (
    DecideCorrection,
    DecideExemption,
    DecideLifting,
    DecideRestriction,
    DraftRestriction,
    EndRelease,
    LiftByRule,
    ProposeCorrection,
    ProposeLifting,
    RequestExemption,
    RestrictionCommand,
    ServeRestriction,
)
from services.credit_blacklist.domain.restriction_request_law import (
    DecideOrderRequest,
    DecideOrderReview,
    RecordOrderRequest,
    RecordOrderReview,
    RequestCommand,
    ServeOrderRefusal,
)


def _draft(state: RestrictionOrder, command: DraftRestriction, _now: datetime) -> Sequence[Event]:
    return restriction_order.draft(state, command)


def _timer_due(state: RestrictionOrder, due: TimerDue, now: datetime) -> Sequence[Event]:
    if due.timer == restriction_order.GRACE_TIMER:
        return restriction_order.grace_over(state, now)
    if due.timer.startswith(restriction_correction.CORRECTION):
        return restriction_correction.timer_due(state, due)
    return restriction_request_law.request_timer_due(state, due)


LAW: Final[Mapping[type, Callable[[RestrictionOrder, Any, datetime], Sequence[Event]]]] = MappingProxyType(
    {
        DraftRestriction: _draft,
        DecideRestriction: restriction_order.sign,
        ServeRestriction: restriction_order.serve,
        LiftByRule: restriction_order.lift_by_rule,
        TimerDue: _timer_due,
        ProposeLifting: restriction_lifting.propose,
        DecideLifting: restriction_lifting.decide,
        EndRelease: restriction_exemption.end,
        RequestExemption: restriction_exemption.request,
        DecideExemption: restriction_exemption.decide,
        ProposeCorrection: restriction_correction.propose,
        DecideCorrection: restriction_correction.decide,
        RecordOrderRequest: restriction_request_law.record_request,
        DecideOrderRequest: restriction_request_law.decide_request,
        ServeOrderRefusal: restriction_request_law.serve_refusal,
        RecordOrderReview: restriction_request_law.record_review,
        DecideOrderReview: restriction_request_law.decide_review,
    }
)
"""Every command and the function that decides it."""


def decide_restriction(
    state: RestrictionOrder, command: RestrictionCommand | RequestCommand, now: datetime
) -> Sequence[Event]:
    """Return what follows from a command. Raises the refusals of `restriction_refusals`."""
    return LAW[type(command)](state, command, now)
