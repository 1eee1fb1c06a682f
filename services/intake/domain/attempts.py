"""The attempts of one filing and how each fact changes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from libs.schemas.envelope import Event
from libs.schemas.intake import (
    ApplicationAccepted,
    ApplicationCaseClosed,
    ApplicationDefectsNotified,
    ApplicationReceived,
    ApplicationRefused,
    ApplicationSupplemented,
    Defect,
    FiledPaper,
)
from services.intake.domain.refusals import ApplicationUnknown

AttemptState = Literal["RECEIVED", "DEFECTS_NOTIFIED", "ACCEPTED", "REFUSED", "CASE_CLOSED"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One application: what was received, and how far it has come."""

    received: ApplicationReceived
    state: AttemptState = "RECEIVED"
    papers: tuple[FiledPaper, ...] = ()
    defects: tuple[Defect, ...] = ()
    clues: str = ""
    case_id: str | None = None
    failed_conditions: tuple[int, ...] = ()
    reason: str | None = None
    may_reapply_after: date | None = None
    may_reapply: bool = False

    @property
    def application_id(self) -> str:
        """The attempt's own id."""
        return self.received.application_id

    @property
    def is_pending(self) -> bool:
        """Whether nobody has decided it yet."""
        return self.state in ("RECEIVED", "DEFECTS_NOTIFIED")

    @property
    def bars_another(self) -> bool:
        """Whether the same application filed again would be a duplicate of this one."""
        return not self.may_reapply


@dataclass(frozen=True, slots=True)
class Filing:
    """All attempts, the last one counts."""

    attempts: tuple[Attempt, ...] = ()

    def attempt(self, application_id: str) -> Attempt:
        """Return the attempt with this id. Raises `ApplicationUnknown`."""
        for attempt in self.attempts:
            if attempt.application_id == application_id:
                return attempt
        raise ApplicationUnknown


def evolve(state: Filing, event: Event) -> Filing:
    """Return the filing after a fact."""
    match event:
        case ApplicationReceived():
            return Filing((*state.attempts, Attempt(event, papers=event.papers, clues=event.clues)))
        case ApplicationDefectsNotified():
            return _changed(state, event.application_id, state_name="DEFECTS_NOTIFIED", defects=event.defects)
        case ApplicationSupplemented():
            attempt = state.attempt(event.application_id)
            return _changed(
                state,
                event.application_id,
                state_name="DEFECTS_NOTIFIED" if event.remaining else "RECEIVED",
                papers=(*attempt.papers, *event.papers),
                defects=event.remaining,
                clues="\n".join(filter(None, (attempt.clues, event.clues))),
            )
        case ApplicationAccepted():
            return _changed(state, event.application_id, state_name="ACCEPTED", case_id=event.case_id)
        case ApplicationRefused():
            return _changed(
                state,
                event.application_id,
                state_name="REFUSED",
                failed_conditions=event.failed_conditions,
                reason=event.reason,
                may_reapply_after=event.may_reapply_after,
                may_reapply=True,
            )
        case ApplicationCaseClosed():
            return _changed(state, event.application_id, state_name="CASE_CLOSED", may_reapply=event.may_reapply)
    return state


def _changed(state: Filing, application_id: str, *, state_name: AttemptState, **changes: object) -> Filing:
    return Filing(
        tuple(
            replace(attempt, state=state_name, **changes)  # type: ignore[arg-type]
            if attempt.application_id == application_id
            else attempt
            for attempt in state.attempts
        )
    )
