"""The way of an order: drafted, signed by the president, served, published, lifted by the law itself (R-CRB-20…24)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from libs.foundation.court_calendar import court_day
from libs.schemas.credit_blacklist import Basis
from libs.schemas.credit_blacklist.restriction import (
    RestrictionCancelled,
    RestrictionDrafted,
    RestrictionLifted,
    RestrictionOrdered,
    RestrictionPublished,
    RestrictionRejected,
    RestrictionServed,
)
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerCancelled, TimerScheduled
from services.credit_blacklist.domain.restriction import OPEN, RestrictionOrder, evolve_restriction
from services.credit_blacklist.domain.restriction_commands import (
    DecideRestriction,
    DraftRestriction,
    LiftByRule,
    ServeRestriction,
    Surroundings,
)
from services.credit_blacklist.domain.restriction_persons import checked_persons
from services.credit_blacklist.domain.restriction_records import first_record, removed_record
from services.credit_blacklist.domain.restriction_refusals import (
    AlreadyRestricted,
    CaseNotEnforced,
    DebtorNotListed,
    DebtorNotWarned,
    DebtPerformedAlready,
    NotAtThisStep,
    SignedByItsDrafter,
)
from services.credit_blacklist.rules.consumption import CONSEQUENCES, PERIOD, RULE_VERSION
from services.credit_blacklist.rules.procedure import grace_due

GRACE_TIMER: Final = "grace"
ENFORCED_AFTER_CLOSING: Final = "CURRENT_PROCEDURE_TERMINATED"
"""After 终本 the debt is still enforced whenever something is found; after any other closing it is not."""


def draft(state: RestrictionOrder, command: DraftRestriction) -> Sequence[Event]:
    """Return the draft. Refuses what R-CRB-20 and R-CRB-22 do not carry; see `restriction_refusals`."""
    if state.drafted is not None:
        raise NotAtThisStep
    case = command.around.casefile.require()
    persons = checked_persons(command.around.casefile, command.persons)
    _check_reason(command)
    _check_surroundings(command.around, tuple(person.party_id for person in persons))
    return (
        RestrictionDrafted(
            order_id=command.order_id,
            case_id=case.case_id,
            case_number=case.case_number,
            case_filed_on=case.filed_on,
            court=case.court,
            court_name=case.court_name,
            court_phone=command.court_phone,
            basis=Basis(number=case.basis_number, authority=case.basis_authority),
            reason=command.reason,
            initiated=command.initiated,
            applied_on=command.applied_on,
            kinds=tuple(sorted(set(command.kinds))),
            persons=persons,
            grace_months=command.grace_months,
            drafted_by=command.drafted_by,
            rule_version=RULE_VERSION,
        ),
    )


def _check_reason(command: DraftRestriction) -> None:
    debtors = [person.party_id for person in command.persons if "DEBTOR" in person.roles]
    if command.reason == "LISTED":
        if not all(party_id in command.around.listed for party_id in debtors):
            raise DebtorNotListed(field="reason")
    elif not all(party_id in command.around.casefile.warnings for party_id in debtors):
        raise DebtorNotWarned(field="reason")


def _check_surroundings(around: Surroundings, persons: Sequence[str]) -> None:
    if around.casefile.satisfied is not None:
        raise DebtPerformedAlready
    if around.casefile.closed is not None and around.casefile.closed.kind != ENFORCED_AFTER_CLOSING:
        raise CaseNotEnforced
    if twice := [party_id for party_id in persons if party_id in around.covered]:
        raise AlreadyRestricted(", ".join(twice), field="persons")


def sign(state: RestrictionOrder, command: DecideRestriction, now: datetime) -> Sequence[Event]:
    """Return the order, or its rejection. What changed since the draft is looked at once more."""
    drafted = state.require()
    if state.state != "DRAFTED":
        raise NotAtThisStep(f"It is {state.state}.")
    if command.by == drafted.drafted_by:
        raise SignedByItsDrafter
    if not command.approve:
        return (RestrictionRejected(order_id=drafted.order_id, wording_sha256=command.wording_sha256),)
    _check_surroundings(command.around, tuple(state.persons))
    grace = None
    if drafted.grace_months:
        grace = grace_due(court_day(now), drafted.grace_months)
    return (
        RestrictionOrdered(
            order_id=drafted.order_id,
            case_id=drafted.case_id,
            order_number=command.order_number,
            decided_on=court_day(now),
            signed_by=command.by,
            kinds=drafted.kinds,
            persons=drafted.persons,
            period=PERIOD,
            consequences=CONSEQUENCES,
            grace_until=grace,
            paper=command.paper,
        ),
    )


def serve(state: RestrictionOrder, command: ServeRestriction, now: datetime) -> Sequence[Event]:
    """Return the service and what follows: publication at once, or when the grace period has passed (R-CRB-07)."""
    drafted, ordered = state.require(), state.ordered
    if state.state != "DECIDED" or ordered is None:
        raise NotAtThisStep(f"It is {state.state}.")
    served = RestrictionServed(order_id=drafted.order_id, method=command.method, wording_sha256=command.wording_sha256)
    if command.around.casefile.satisfied is not None:
        return (served, RestrictionCancelled(order_id=drafted.order_id, case_id=drafted.case_id, ground="PERFORMED"))
    if ordered.grace_until is not None and now < ordered.grace_until.due_at:
        return (served, TimerScheduled(timer=GRACE_TIMER, due_at=ordered.grace_until.due_at))
    return (served, *_published(evolve_restriction(state, served), now))


def grace_over(state: RestrictionOrder, now: datetime) -> Sequence[Event]:
    """Return the publication if the grace period has passed without performance."""
    ordered = state.ordered
    if state.state != "GRACE" or ordered is None or ordered.grace_until is None:
        return ()
    return _published(state, now) if now >= ordered.grace_until.due_at else ()


def lift_by_rule(state: RestrictionOrder, command: LiftByRule, now: datetime) -> Sequence[Event]:
    """Return the end of the restriction for everybody, or of the order before it began; nothing where it is over."""
    if state.drafted is None:
        return ()
    if state.state in OPEN:
        cancelled = RestrictionCancelled(
            order_id=state.drafted.order_id, case_id=state.drafted.case_id, ground=command.ground
        )
        return (cancelled, TimerCancelled(timer=GRACE_TIMER)) if state.state == "GRACE" else (cancelled,)
    return tuple(RestrictionLifted(record=removed_record(one, command.ground, now)) for one in state.in_force())


def _published(state: RestrictionOrder, now: datetime) -> Sequence[Event]:
    drafted, ordered = state.require(), state.ordered
    if ordered is None:
        raise NotAtThisStep
    return tuple(
        RestrictionPublished(record=first_record(drafted, ordered, person, now)) for person in state.persons.values()
    )
