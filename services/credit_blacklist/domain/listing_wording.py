"""`listing_wording/<listing>`: what listed persons wrote about themselves, beside the listing, private (R-GEN-06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.foundation.ids import stream_name
from libs.schemas.credit_blacklist import ListingWordingKept
from libs.schemas.envelope import Event


@dataclass(frozen=True, slots=True)
class ListingWordings:
    """The texts in the order in which they came; each is named by its SHA-256."""

    texts: tuple[ListingWordingKept, ...] = ()


@dataclass(frozen=True, slots=True)
class KeepWords:
    """Keep a text."""

    words: ListingWordingKept


def wording_stream(listing_id: str) -> str:
    """Return the private stream of what was written about a listing."""
    return stream_name("listing_wording", listing_id)


def decide_words(state: ListingWordings, command: KeepWords, _now: datetime) -> Sequence[Event]:
    """Return the text, or nothing if the same text stands here already."""
    known = {text.sha256 for text in state.texts}
    return () if command.words.sha256 in known else (command.words,)


def evolve_words(state: ListingWordings, event: Event) -> ListingWordings:
    """Return the texts after `event`."""
    return ListingWordings((*state.texts, event)) if isinstance(event, ListingWordingKept) else state
