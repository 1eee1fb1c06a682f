"""How routes and pages read: dossiers by the caller's courts, agencies by their names, states by the clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from libs.foundation.clock import Clock
from libs.foundation.errors import NotFound
from libs.journal import Folded, Journal
from libs.web import Caller, fold_for
from services.command_center.domain.contact import Contact
from services.command_center.domain.dossier import Dossier
from services.command_center.domain.picture import agencies_of
from services.command_center.streams import agency_stream, dossier_stream


class Reading:
    """The journal and the clock, with the caller's sight enforced."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self.journal = journal
        self._clock = clock

    def now(self) -> datetime:
        """Return the business time."""
        return self._clock.now()

    async def dossier(self, case_id: str, caller: Caller) -> Folded[Dossier]:
        """Return a case's dossier. Raises `NotFound` if there is none, or it is another court's."""
        return await fold_for(caller, self.journal, dossier_stream(case_id))

    async def names(self, state: Dossier) -> dict[str, str]:
        """Return what the agencies of a dossier are called."""
        names = {}
        for agency_id in agencies_of(state):
            found: Folded[Contact] = await self.journal.fold(agency_stream(agency_id), court=None)
            if found.state.name:
                names[agency_id] = found.state.name
        return names

    async def row(self, view: str, row_id: str, caller: Caller) -> dict[str, Any]:
        """Return one row of a list. Raises `NotFound` if there is none, or it is another court's."""
        found = await self.journal.views.get(view, row_id, court=None)
        if found is None:
            raise NotFound
        caller.require_sight(found["court"])
        return found
