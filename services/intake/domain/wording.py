"""Free texts: masked wherever they are published, kept word by word in `wording/<application>` for our own papers.

Applicants write names and numbers into their requests, and a judgment's operative part names the parties. Other rooms
need the sense, not the persons (R-GEN-06).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.foundation.identity import masked_number
from libs.schemas.envelope import Event
from libs.schemas.intake import ApplicationWordingKept, PartyRegistered
from services.intake.domain.party import RegisterParty, display_name

NAME_CHARS_MIN = 2
"""A name of one character is a word of the language: masking it would tear texts apart."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts, once kept."""

    kept: ApplicationWordingKept | None = None


@dataclass(frozen=True, slots=True)
class KeepWording:
    """Keep the texts of an application as they were written."""

    wording: ApplicationWordingKept


def decide(state: Wording, command: KeepWording, now: datetime) -> Sequence[Event]:  # noqa: ARG001 -- a decider's shape
    """Return the keeping, or nothing if the texts are kept."""
    return [] if state.kept is not None else [command.wording]


def evolve(state: Wording, event: Event) -> Wording:
    """Return the wording after a fact."""
    return Wording(event) if isinstance(event, ApplicationWordingKept) else state


Known = RegisterParty | PartyRegistered
"""A party as it is filed or as it stands in the register."""


def masked(text: str, parties: Iterable[Known]) -> str:
    """Return a text without the parties' full names, numbers, telephones, addresses and accounts.

    The longest match wins, so that a firm which bears a person's name keeps its own.
    """
    shown = {secret: mask for party in parties for secret, mask in _secrets(party)}
    if not shown:
        return text
    pattern = "|".join(re.escape(secret) for secret in sorted(shown, key=len, reverse=True))
    return re.sub(pattern, lambda match: shown[match[0]], text)


def _secrets(party: Known) -> Iterable[tuple[str, str]]:
    if len(party.name) >= NAME_CHARS_MIN:
        yield party.name, display_name(party.name, party.party_type)
    for document in party.documents:
        yield document.id_number, masked_number(document.id_number)
    for secret in (party.phone, party.address, party.payee_account and party.payee_account.account_number):
        if secret:
            yield secret, "****"
