"""Letting persons go: for good, for a month at most, or because another took their office (R-CRB-23, R-CRB-24)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, cast

from libs.schemas.credit_blacklist import FeedRecord, RemovalGround, Suspension
from libs.schemas.credit_blacklist.restriction import (
    LiftingDecided,
    LiftingProposed,
    RestrictionChanged,
    RestrictionLifted,
    RestrictionPublished,
)
from libs.schemas.envelope import Event
from services.credit_blacklist.domain.restriction import RestrictionOrder
from services.credit_blacklist.domain.restriction_commands import DecideLifting, ProposeLifting, Surroundings
from services.credit_blacklist.domain.restriction_records import first_record, removed_record, with_window
from services.credit_blacklist.domain.restriction_refusals import (
    FormerHeadStillAnswerable,
    LiftingIncomplete,
    ListedDebtorStaysRestricted,
    NotAtThisStep,
    PersonNotCovered,
    ProposalDecided,
    ReleaseKindsInvalid,
    ReleaseTooLong,
    ReleaseWindowInvalid,
    RestrictionUnknown,
    SignedByItsDrafter,
    SuccessorInvalid,
)
from services.credit_blacklist.rules.consumption import ANSWERABLE, HEADS, TRAVEL_KINDS, within_release_limit

MAY: Final[frozenset[str]] = frozenset({"GUARANTEE", "APPLICANT_REQUEST"})
"""Grounds on which the court may lift: an effective guarantee, the applicant's consent (R-CRB-24)."""

MUST: Final[frozenset[str]] = frozenset(
    {"PERFORMED", "SETTLEMENT_PERFORMED", "RETRIAL_OR_BANKRUPTCY", "NON_ENFORCEMENT", "FINAL_TERMINATION"}
)
"""Grounds on which nothing is left to restrict for."""

URGENT: Final[frozenset[str]] = frozenset(
    {"SERIOUS_ILLNESS", "FUNERAL", "OFFICIAL_DUTY", "EXAMINATION", "OTHER_URGENT"}
)
"""Grounds of a temporary release (R-CRB-23)."""


def propose(state: RestrictionOrder, command: ProposeLifting, now: datetime) -> Sequence[Event]:
    """Return the proposal once it is complete and its ground belongs to its scope."""
    drafted = state.require()
    if state.state != "PUBLISHED":
        raise NotAtThisStep(f"It is {state.state}.")
    persons = command.persons or tuple(record.party_id for record in state.in_force())
    event = LiftingProposed(
        order_id=drafted.order_id,
        lifting_id=command.lifting_id,
        scope=command.scope,
        persons=tuple(dict.fromkeys(persons)),
        ground=command.ground,
        kinds=tuple(sorted(set(command.kinds))),
        from_at=command.from_at,
        until_at=command.until_at,
        successor=command.successor,
        wording_sha256=command.wording_sha256,
        proposed_by=command.by,
    )
    _check(state, event, now)
    return (event,)


def decide(state: RestrictionOrder, command: DecideLifting, now: datetime) -> Sequence[Event]:
    """Return the president's decision and the new versions of the records. A proposal out of date is refused."""
    drafted = state.require()
    lifting = state.liftings.get(command.lifting_id)
    if lifting is None:
        raise RestrictionUnknown
    if lifting.state != "PROPOSED":
        raise ProposalDecided
    proposed = lifting.proposed
    if command.by == proposed.proposed_by:
        raise SignedByItsDrafter
    window = None
    consequences: Sequence[Event] = ()
    if command.approve:
        _check(state, proposed, now)
        if proposed.scope == "FULL":
            consequences = _lifted(state, proposed, command.around, now)
        elif proposed.scope == "TEMPORARY":
            window = window_of(proposed.from_at, proposed.until_at, proposed.kinds, now)
            consequences = opened(state, records_of(state, proposed.persons), window, now)
        else:
            consequences = _replaced(state, proposed, command.around, now)
    decided = LiftingDecided(
        order_id=drafted.order_id,
        lifting_id=command.lifting_id,
        approved=command.approve,
        wording_sha256=command.wording_sha256,
        window=window,
        decided_by=command.by,
    )
    return (decided, *consequences)


def records_of(state: RestrictionOrder, persons: Iterable[str]) -> tuple[FeedRecord, ...]:
    """Return the records in force of these persons. Raises `PersonNotCovered` if one is not restricted now."""
    named = tuple(persons)
    if not named or not all(state.restricts(party_id) for party_id in named):
        raise PersonNotCovered(field="persons")
    return tuple(state.records[party_id] for party_id in named)


def window_of(from_at: datetime | None, until_at: datetime | None, kinds: Sequence[int], now: datetime) -> Suspension:
    """Return the window of a release, begun at the earliest now. Raises `ReleaseWindowInvalid`."""
    if from_at is None or until_at is None:
        raise LiftingIncomplete(field="from" if from_at is None else "until")
    starts = max(from_at, now)
    if until_at <= starts:
        raise ReleaseWindowInvalid(field="until")
    return Suspension(from_at=starts, until_at=until_at, kinds=tuple(kinds))


def opened(
    state: RestrictionOrder, records: Iterable[FeedRecord], window: Suspension, now: datetime
) -> Sequence[Event]:
    """Return the records with the window. Raises `ReleaseKindsInvalid` and `ReleaseTooLong`.

    Windows that are over count, too: a record forgets them, and two months in a row are two months.
    """
    events = []
    for record in records:
        if not window.kinds or not set(window.kinds) <= set(record.kinds):
            raise ReleaseKindsInvalid(field="kinds")
        if not within_release_limit(state.releases(record.party_id), window):
            raise ReleaseTooLong(field="until")
        events.append(RestrictionChanged(record=with_window(record, window, now)))
    return events


def _check(state: RestrictionOrder, proposed: LiftingProposed, now: datetime) -> None:
    records = records_of(state, proposed.persons)
    if proposed.scope == "FULL":
        if proposed.ground not in MAY | MUST:
            raise LiftingIncomplete(field="ground")
    elif proposed.scope == "TEMPORARY":
        if proposed.ground not in URGENT:
            raise LiftingIncomplete(field="ground")
        if not set(proposed.kinds) <= TRAVEL_KINDS:
            raise ReleaseKindsInvalid(field="kinds")
        opened(state, records, window_of(proposed.from_at, proposed.until_at, proposed.kinds, now), now)
    else:
        _check_replacement(state, proposed)


def _check_replacement(state: RestrictionOrder, proposed: LiftingProposed) -> None:
    successor = proposed.successor
    if successor is None or len(proposed.persons) != 1 or proposed.ground != "DEBTOR_REPLACED":
        raise LiftingIncomplete(field="successor")
    former = state.persons[proposed.persons[0]]
    if "DEBTOR" in former.roles or not HEADS.intersection(former.roles):
        raise SuccessorInvalid("The person holds no office that another could take.", field="party_id")
    if ANSWERABLE.intersection(former.roles):
        raise FormerHeadStillAnswerable(field="party_id")
    if successor.party_type != "PERSON" or not HEADS.intersection(successor.roles, former.roles):
        raise SuccessorInvalid(field="successor")
    if successor.party_id in state.persons:
        raise SuccessorInvalid("The order covers or covered this person already.", field="successor")


def _lifted(state: RestrictionOrder, proposed: LiftingProposed, around: Surroundings, now: datetime) -> Sequence[Event]:
    if proposed.ground in MAY and around.listed.intersection(proposed.persons):
        raise ListedDebtorStaysRestricted(field="ground")
    ground = cast("RemovalGround", proposed.ground)
    return [
        RestrictionLifted(record=removed_record(record, ground, now)) for record in records_of(state, proposed.persons)
    ]


def _replaced(
    state: RestrictionOrder, proposed: LiftingProposed, around: Surroundings, now: datetime
) -> Sequence[Event]:
    drafted, ordered, successor = state.require(), state.ordered, proposed.successor
    if ordered is None or successor is None:
        raise LiftingIncomplete(field="successor")
    if successor.party_id in around.covered:
        raise SuccessorInvalid("Another order of the case covers this person.", field="successor")
    (former,) = records_of(state, proposed.persons)
    return [
        RestrictionLifted(record=removed_record(former, "DEBTOR_REPLACED", now)),
        RestrictionPublished(record=first_record(drafted, ordered, successor, now)),
    ]
