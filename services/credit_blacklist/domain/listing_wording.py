"""Free texts about a listing: masked wherever they are published; word by word in `listing_wording/<listing>`, private.

Officers and listed persons write names and numbers. Other rooms need the sense, not the persons (R-GEN-06).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.foundation.identity import masked_number
from libs.foundation.ids import stream_name
from libs.schemas.credit_blacklist import ListingWordingKept, PersonRecorded
from libs.schemas.envelope import Event

NAME_CHARS_MIN = 2
"""A name of one character is a word of the language: masking it would tear texts apart."""


class Masker:
    """Masks the full names and document numbers of the parties of a case in free texts."""

    def __init__(self, persons: Iterable[PersonRecorded]) -> None:
        """Take the parties. The longest match wins, so that a firm which bears a person's name keeps its own."""
        self._shown: dict[str, str] = {}
        for person in persons:
            if len(person.name) >= NAME_CHARS_MIN:
                self._shown[person.name] = person.display_name
            for document in person.documents:
                self._shown[document.id_number] = masked_number(document.id_number)
        self._pattern = re.compile("|".join(re.escape(one) for one in sorted(self._shown, key=len, reverse=True)))

    def __call__(self, text: str) -> str:
        """Return the text without them."""
        return self._pattern.sub(lambda match: self._shown[match[0]], text) if self._shown else text


@dataclass(frozen=True, slots=True)
class ListingWordings:
    """What was written about a listing, or its papers, in the order in which it came; each is named by its SHA-256."""

    texts: tuple[ListingWordingKept, ...] = ()


@dataclass(frozen=True, slots=True)
class KeepWords:
    """Keep a text."""

    words: ListingWordingKept


def wording_stream(listing_id: str) -> str:
    """Return the private stream of what was written about a listing."""
    return stream_name("listing_wording", listing_id)


def papers_stream(listing_id: str) -> str:
    """Return the private stream of the papers of a listing, which name the parties in full."""
    return stream_name("listing_paper", listing_id)


def decide_words(state: ListingWordings, command: KeepWords, _now: datetime) -> Sequence[Event]:
    """Return the text, or nothing if the same text stands here already."""
    known = {text.sha256 for text in state.texts}
    return () if command.words.sha256 in known else (command.words,)


def evolve_words(state: ListingWordings, event: Event) -> ListingWordings:
    """Return the texts after `event`."""
    return ListingWordings((*state.texts, event)) if isinstance(event, ListingWordingKept) else state
