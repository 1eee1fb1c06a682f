"""What a dossier is told to do."""

from __future__ import annotations

from dataclasses import dataclass

from services.command_center.domain.observation import Observation


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """Put facts of other services into the dossier of a case; what it knows already changes nothing."""

    case_id: str
    observations: tuple[Observation, ...]


@dataclass(frozen=True, slots=True)
class AcknowledgeAlert:
    """A person takes an alert."""

    alert_id: str
    acknowledged_by: str


@dataclass(frozen=True, slots=True)
class NoteSent:
    """A gateway took a message."""

    notification_id: str
    partner_reference: str


@dataclass(frozen=True, slots=True)
class NoteFailed:
    """A gateway refused a message, or nobody can say whether it was sent."""

    notification_id: str
    reason: str
