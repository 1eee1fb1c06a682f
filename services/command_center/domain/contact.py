"""Where people can be reached, and what agencies and posts are called: private copies, never published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from libs.foundation.errors import Rejected
from libs.schemas.command_center import ContactRecorded
from libs.schemas.envelope import Event


@dataclass(frozen=True, slots=True)
class KeepContact:
    """Keep what another service says of a person, an agency or a post; older news never replaces newer."""

    contact_id: str
    source_seq: int
    name: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """The state of a `contact/<id>` stream."""

    contact_id: str = ""
    name: str = ""
    phone: str | None = None
    source_seq: int = 0


def decide_contact(state: Contact, command: Any, now: datetime) -> Sequence[Event]:  # noqa: ARG001 -- a decider's shape
    """Return the new contact, if it is newer than what is known and differs from it."""
    if not isinstance(command, KeepContact):
        raise Rejected(f"a contact knows no {type(command).__name__}")
    if command.source_seq <= state.source_seq:
        return []
    name = command.name if command.name is not None else state.name
    phone = command.phone if command.phone is not None else state.phone
    if (name, phone) == (state.name, state.phone):
        return []
    return [ContactRecorded(contact_id=command.contact_id, name=name, phone=phone, source_seq=command.source_seq)]


def evolve_contact(state: Contact, event: Event) -> Contact:
    """Return the contact after an event."""
    if not isinstance(event, ContactRecorded):
        return state
    return Contact(event.contact_id, event.name, event.phone, event.source_seq)
