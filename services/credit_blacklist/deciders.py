"""The kinds of streams of this service and the law of each. Categories without a topic are private: never published."""

from __future__ import annotations

from typing import Any

from libs.journal import Decider
from services.credit_blacklist.domain.casefile import CaseFile, evolve_casefile
from services.credit_blacklist.domain.casefile_law import decide_casefile
from services.credit_blacklist.domain.person import Person, decide_person, evolve_person

SERVICE = "credit_blacklist"

DECIDERS: tuple[Decider[Any], ...] = (
    Decider(SERVICE, "person", Person, decide_person, evolve_person),
    Decider(SERVICE, "casefile", CaseFile, decide_casefile, evolve_casefile),
)
