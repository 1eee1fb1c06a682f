"""The kinds of streams of intake and the law of each."""

from __future__ import annotations

from typing import Any

from libs.journal import Decider
from services.intake.domain import case, document, filing, numbering, paper, party, roster, wording

SERVICE = "intake"

DECIDERS: tuple[Decider[Any], ...] = (
    Decider(SERVICE, "filing", filing.Filing, filing.decide, filing.evolve),
    Decider(SERVICE, "numbering", numbering.Numbering, numbering.decide, numbering.evolve),
    Decider(SERVICE, "party", party.Register, party.decide, party.evolve),
    Decider(SERVICE, "case", case.Case, case.decide, case.evolve),
    Decider(SERVICE, "document", document.Document, document.decide, document.evolve),
    Decider(SERVICE, "paper", paper.Paper, paper.decide, paper.evolve),
    Decider(SERVICE, "wording", wording.Wording, wording.decide, wording.evolve),
    Decider(SERVICE, "roster", roster.Roster, roster.decide, roster.evolve),
)
