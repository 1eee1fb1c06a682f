"""Publicity batches: listed persons shown on a platform, with audience, approval and evidence (R-CRB-09)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal

from libs.foundation.errors import Forbidden, NotFound, Refused
from libs.foundation.ids import stream_name
from libs.schemas.credit_blacklist import (
    Audience,
    PublicityBatchApproved,
    PublicityBatchDrafted,
    PublicityBatchRejected,
    PublicityBatchReleased,
    PublicityEvidence,
    PublicityItem,
    PublicityItemEnded,
    PublicityItemTakenDown,
    PublicityTakedownOverdue,
)
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.credit_blacklist.rules.procedure import removal_due

TAKEDOWN = "takedown:"


class PublicityBatchUnknown(NotFound):
    """There is no such batch at the caller's courts."""

    code = "publicity_batch_unknown"
    title = "There is no such publicity batch"
    remedy = "Check the id and the court of the token."


class PublicityBatchNotAtThisStep(Refused):
    """Drafted, approved, released, in this order, each once (R-CRB-09)."""

    code = "publicity_batch_not_at_this_step"
    title = "The batch is not open for this step"
    rule = "R-CRB-09"
    remedy = "Read the batch."


class PublicityApproverDrafted(Forbidden):
    """Who drafted a batch does not approve it."""

    code = "publicity_approver_drafted"
    title = "Who drafted the batch cannot approve it"
    rule = "R-CRB-09"
    remedy = "Have another person approve."


class NobodyLeftToShow(Refused):
    """Every person of the batch is listed no more (R-CRB-10)."""

    code = "nobody_left_to_show"
    title = "Nobody in the batch is listed any more"
    rule = "R-CRB-10"
    remedy = "Draft another batch."


class ItemNotToTakeDown(Refused):
    """The person is not in the batch, is still listed, or is taken down already."""

    code = "publicity_item_not_to_take_down"
    title = "There is nothing of this person to take down"
    rule = "R-CRB-10"
    remedy = "Read the batch: `items` says who is to be taken down."


BatchState = Literal["DRAFTED", "APPROVED", "REJECTED", "RELEASED"]


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch and what became of each person in it."""

    draft: PublicityBatchDrafted | None = None
    state: BatchState = "DRAFTED"
    decided_by: str | None = None
    reason: str | None = None
    released: PublicityBatchReleased | None = None
    ended: Mapping[str, PublicityItemEnded] = field(default_factory=lambda: MappingProxyType({}))
    taken_down: Mapping[str, PublicityItemTakenDown] = field(default_factory=lambda: MappingProxyType({}))
    overdue: frozenset[str] = frozenset()

    def require(self) -> PublicityBatchDrafted:
        """Return the draft. Raises `PublicityBatchUnknown`."""
        if self.draft is None:
            raise PublicityBatchUnknown
        return self.draft


@dataclass(frozen=True, slots=True)
class DraftBatch:
    """Put listed persons together for a platform."""

    batch_id: str
    court: str
    title: str
    platform: str
    audience: tuple[Audience, ...]
    items: tuple[PublicityItem, ...]
    planned_on: date
    by: str


@dataclass(frozen=True, slots=True)
class DecideBatch:
    """Allow a batch, or not."""

    approve: bool
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class RecordRelease:
    """The batch was shown; `listed` says who of it stands on the list on `today`."""

    evidence: PublicityEvidence
    listed: frozenset[str]
    today: date
    by: str


@dataclass(frozen=True, slots=True)
class EndItem:
    """A person of the batch is listed no more."""

    listing_id: str
    removed_on: date


@dataclass(frozen=True, slots=True)
class RecordTakedown:
    """What was shown of a person is gone."""

    listing_id: str
    evidence: PublicityEvidence
    by: str


BatchCommand = DraftBatch | DecideBatch | RecordRelease | EndItem | RecordTakedown | TimerDue


def batch_stream(batch_id: str) -> str:
    """Return the stream of a batch."""
    return stream_name("publicity", batch_id)


def decide_batch(state: Batch, command: BatchCommand, now: datetime) -> Sequence[Event]:
    """Return the facts that follow from a command. Raises the refusals above."""
    if isinstance(command, DraftBatch):
        return _draft(state, command)
    if isinstance(command, EndItem) and state.draft is None:
        # The case was told of the batch, but the batch was refused.
        return ()
    draft = state.require()
    match command:
        case DecideBatch():
            return _decide(state, draft, command)
        case RecordRelease():
            return _release(state, draft, command, now)
        case EndItem():
            return _end_item(state, draft, command)
        case RecordTakedown():
            return _take_down(state, draft, command)
        case TimerDue():
            listing_id = command.timer.removeprefix(TAKEDOWN)
            if listing_id in state.taken_down:
                return ()
            return (PublicityTakedownOverdue(batch_id=draft.batch_id, listing_id=listing_id, due_at=command.due_at),)


def evolve_batch(state: Batch, event: Event) -> Batch:
    """Return the batch after `event`."""
    match event:
        case PublicityBatchDrafted():
            return replace(state, draft=event)
        case PublicityBatchApproved():
            return replace(state, state="APPROVED", decided_by=event.approved_by)
        case PublicityBatchRejected():
            return replace(state, state="REJECTED", decided_by=event.rejected_by, reason=event.reason)
        case PublicityBatchReleased():
            return replace(state, state="RELEASED", released=event)
        case PublicityItemEnded():
            return replace(state, ended=MappingProxyType({**state.ended, event.listing_id: event}))
        case PublicityItemTakenDown():
            return replace(state, taken_down=MappingProxyType({**state.taken_down, event.listing_id: event}))
        case PublicityTakedownOverdue():
            return replace(state, overdue=state.overdue | {event.listing_id})
    return state


def _draft(state: Batch, command: DraftBatch) -> Sequence[Event]:
    if state.draft is not None:
        raise PublicityBatchNotAtThisStep
    return (
        PublicityBatchDrafted(
            batch_id=command.batch_id,
            court=command.court,
            title=command.title,
            platform=command.platform,
            audience=command.audience,
            items=command.items,
            planned_on=command.planned_on,
            drafted_by=command.by,
        ),
    )


def _decide(state: Batch, draft: PublicityBatchDrafted, command: DecideBatch) -> Sequence[Event]:
    if state.state != "DRAFTED":
        raise PublicityBatchNotAtThisStep
    if command.by == draft.drafted_by:
        raise PublicityApproverDrafted
    if not command.approve:
        return (PublicityBatchRejected(batch_id=draft.batch_id, rejected_by=command.by, reason=command.reason),)
    return (PublicityBatchApproved(batch_id=draft.batch_id, approved_by=command.by),)


def _release(state: Batch, draft: PublicityBatchDrafted, command: RecordRelease, now: datetime) -> Sequence[Event]:
    if state.state != "APPROVED":
        raise PublicityBatchNotAtThisStep
    if command.evidence.at > now:
        raise PublicityBatchNotAtThisStep("The release lies in the future.")
    if all(item.listing_id in state.ended for item in draft.items):
        raise NobodyLeftToShow
    released = PublicityBatchReleased(batch_id=draft.batch_id, evidence=command.evidence, recorded_by=command.by)
    after = evolve_batch(state, released)
    # Who left the list while the batch waited and was shown all the same is taken down like everybody else.
    gone = [item.listing_id for item in draft.items if item.listing_id not in command.listed]
    ended = [event for name in gone for event in _end_item(after, draft, EndItem(name, command.today))]
    return (released, *ended)


def _end_item(state: Batch, draft: PublicityBatchDrafted, command: EndItem) -> Sequence[Event]:
    named = any(item.listing_id == command.listing_id for item in draft.items)
    if not named or command.listing_id in state.ended:
        return ()
    if state.state != "RELEASED":
        # Nothing of this person was shown yet, and nothing will be: there is nothing to take down.
        return (PublicityItemEnded(batch_id=draft.batch_id, listing_id=command.listing_id),)
    due = removal_due(command.removed_on)
    return (
        PublicityItemEnded(batch_id=draft.batch_id, listing_id=command.listing_id, due=due),
        TimerScheduled(timer=f"{TAKEDOWN}{command.listing_id}", due_at=due.due_at),
    )


def _take_down(state: Batch, draft: PublicityBatchDrafted, command: RecordTakedown) -> Sequence[Event]:
    ended = state.ended.get(command.listing_id)
    if ended is None or ended.due is None or command.listing_id in state.taken_down:
        raise ItemNotToTakeDown(field="listing_id")
    return (
        PublicityItemTakenDown(
            batch_id=draft.batch_id,
            listing_id=command.listing_id,
            evidence=command.evidence,
            recorded_by=command.by,
        ),
        TimerCancelled(timer=f"{TAKEDOWN}{command.listing_id}"),
    )
