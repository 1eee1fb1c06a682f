"""`subscriber/<agency>`: who reads which view of the feed, whom to call, and which keys sign its positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from libs.foundation.errors import Refused
from libs.foundation.ids import stream_name
from libs.schemas.credit_blacklist.subscriber import SubscriberProfileSet
from libs.schemas.envelope import Event
from services.credit_blacklist.rules.views import COURT, view_of


class SubscriberKeyConflict(Refused):
    """A kid that named another key, or a revoked one, is given again: a key never changes under its name."""

    code = "subscriber_key_conflict"
    title = "This kid already names another key, or a revoked one"
    remedy = "Register the new key under a new kid."


class ViewNotForAgencies(Refused):
    """The court's own view holds everything about everybody; no agency reads it (R-GEN-06)."""

    code = "view_not_for_agencies"
    title = "No agency reads the court's own view"
    rule = "R-GEN-06"
    remedy = "Name the view of the agency's class; /v1/punishment-measures shows them."


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A subscriber as it stands; without a view it has no profile. `keys` are those believed now."""

    agency_id: str = ""
    view: str = ""
    title: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    sales_channels: tuple[str, ...] = ()
    keys: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))
    revoked: frozenset[str] = frozenset()

    @property
    def exists(self) -> bool:
        """Whether the agency has a profile."""
        return bool(self.view)


@dataclass(frozen=True, slots=True)
class SetProfile:
    """The operator connects an agency to a view, or sets its profile again; keys left out are revoked."""

    agency_id: str
    view: str
    title: str
    contact_name: str
    contact_phone: str
    sales_channels: tuple[str, ...]
    keys: Mapping[str, Mapping[str, Any]]


def subscriber_stream(agency_id: str) -> str:
    """Return the stream of a subscriber."""
    return stream_name("subscriber", agency_id)


def decide_subscriber(state: Subscriber, command: SetProfile, now: datetime) -> Sequence[Event]:
    """Return the new profile, or nothing if it says the same.

    Raises `ViewUnknown`, `ViewNotForAgencies` and `SubscriberKeyConflict`.
    """
    del now
    if view_of(command.view).view_id == COURT:
        raise ViewNotForAgencies(field="view")
    for kid, jwk in command.keys.items():
        if kid in state.revoked or dict(state.keys.get(kid, jwk)) != dict(jwk):
            raise SubscriberKeyConflict(kid, field="keys")
    event = SubscriberProfileSet(
        agency_id=command.agency_id,
        view=command.view,
        title=command.title,
        contact_name=command.contact_name,
        contact_phone=command.contact_phone,
        sales_channels=command.sales_channels,
        keys={kid: dict(jwk) for kid, jwk in command.keys.items()},
        revoked=tuple(sorted(state.revoked | (state.keys.keys() - command.keys.keys()))),
    )
    return () if evolve_subscriber(state, event) == state else (event,)


def evolve_subscriber(state: Subscriber, event: Event) -> Subscriber:
    """Return the subscriber after `event`."""
    if not isinstance(event, SubscriberProfileSet):
        return state
    return Subscriber(
        agency_id=event.agency_id,
        view=event.view,
        title=event.title,
        contact_name=event.contact_name,
        contact_phone=event.contact_phone,
        sales_channels=event.sales_channels,
        keys=MappingProxyType(event.keys),
        revoked=frozenset(event.revoked),
    )
