"""What is known of an application before it is a case; its facts join the dossier when the case is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from libs.foundation.errors import Rejected
from libs.schemas.command_center import FilingBound, FilingNoted
from libs.schemas.envelope import Event
from services.command_center.domain.observation import Observation


@dataclass(frozen=True, slots=True)
class NoteFiling:
    """Keep a fact about an application."""

    application_id: str
    observation: Observation


@dataclass(frozen=True, slots=True)
class BindFiling:
    """The application became this case."""

    application_id: str
    case_id: str


@dataclass(frozen=True, slots=True)
class Filing:
    """The state of a `filing/<application_id>` stream, private to this service."""

    case_id: str | None = None
    observations: Mapping[str, Observation] = field(default_factory=dict)


def decide_filing(state: Filing, command: Any, now: datetime) -> Sequence[Event]:  # noqa: ARG001 -- a decider's shape
    """Return what is noted; what is known already changes nothing."""
    match command:
        case NoteFiling():
            seen = command.observation
            if seen.id in state.observations:
                return []
            return [
                FilingNoted(
                    application_id=command.application_id,
                    source_event_id=seen.id,
                    service=seen.service,
                    name=seen.name,
                    stream=seen.stream,
                    seq=seen.seq,
                    at=seen.at,
                    correlation_id=seen.correlation_id,
                    facts=dict(seen.facts),
                )
            ]
        case BindFiling():
            if state.case_id == command.case_id:
                return []
            return [FilingBound(application_id=command.application_id, case_id=command.case_id)]
        case _:
            raise Rejected(f"a filing knows no {type(command).__name__}")


def evolve_filing(state: Filing, event: Event) -> Filing:
    """Return the filing after an event."""
    match event:
        case FilingNoted():
            noted = Observation(
                id=event.source_event_id,
                service=event.service,
                name=event.name,
                stream=event.stream,
                seq=event.seq,
                at=event.at,
                correlation_id=event.correlation_id,
                facts=event.facts,
            )
            return replace(state, observations={**state.observations, noted.id: noted})
        case FilingBound():
            return replace(state, case_id=event.case_id)
        case _:
            return state
