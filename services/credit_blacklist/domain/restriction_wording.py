"""`restriction_wording/<order>`: what was said of persons' lives, beside the order and never published (R-GEN-06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.foundation.ids import stream_name
from libs.schemas.credit_blacklist import RestrictionWordingKept
from libs.schemas.envelope import Event


@dataclass(frozen=True, slots=True)
class Wordings:
    """The texts of an order in the order in which they were said."""

    texts: tuple[RestrictionWordingKept, ...] = ()


@dataclass(frozen=True, slots=True)
class KeepWording:
    """Keep a text."""

    wording: RestrictionWordingKept


def wording_stream(order_id: str) -> str:
    """Return the private stream of an order's texts."""
    return stream_name("restriction_wording", order_id)


def decide_wordings(state: Wordings, command: KeepWording, _now: datetime) -> Sequence[Event]:
    """Return the text, or nothing if it stands here already."""
    return () if command.wording in state.texts else (command.wording,)


def evolve_wordings(state: Wordings, event: Event) -> Wordings:
    """Return the texts after `event`."""
    return Wordings((*state.texts, event)) if isinstance(event, RestrictionWordingKept) else state
