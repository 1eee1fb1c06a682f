"""What the bus tells this service: facts of cases go into dossiers, names and numbers into contacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from libs.bus import Dispatch, Handler, Message
from libs.journal import NATIONAL, Folded, Journal
from libs.schemas import asset_inquiry, intake
from libs.schemas.envelope import Event
from services.command_center.domain.commands import RecordFacts
from services.command_center.domain.contact import KeepContact
from services.command_center.domain.filing import BindFiling, Filing, NoteFiling
from services.command_center.domain.observation import KEPT, Observation, facts_of
from services.command_center.streams import (
    agency_stream,
    dossier_stream,
    filing_stream,
    officer_stream,
    party_stream,
    post_stream,
)


def observed(message: Message[Any]) -> Observation:
    """Return what is kept of a message."""
    return Observation(
        id=message.id,
        service=message.service,
        name=message.event.NAME,
        stream=message.stream,
        seq=message.seq,
        at=message.at,
        correlation_id=message.correlation_id,
        facts=facts_of(message.event),
    )


def on_case_fact(message: Message[Any]) -> Iterable[Dispatch]:
    """Something happened in a case: it belongs into the dossier."""
    return [_into_dossier(_case_of(message.event), message, observed(message))]


def _case_of(event: Any) -> str:
    # A fact of the list that is a record's new version names the case inside of the record.
    record = getattr(event, "record", None)
    return str(event.case_id if record is None else record.case_id)


class Applications:
    """Facts about an application wait until it is a case, then they stand at the head of its river."""

    def __init__(self, journal: Journal) -> None:
        """The journal says which case an application became."""
        self._journal = journal

    async def on_application_fact(self, message: Message[Any]) -> Iterable[Dispatch]:
        """Keep it, and put it into the dossier if the case is known already."""
        application_id = message.event.application_id
        seen = observed(message)
        kept = Dispatch(filing_stream(application_id), NoteFiling(application_id, seen), key=application_id)
        filing: Folded[Filing] = await self._journal.fold(filing_stream(application_id), court=None)
        if filing.state.case_id is None:
            return [kept]
        return [kept, _into_dossier(filing.state.case_id, message, seen)]

    async def on_application_accepted(self, message: Message[intake.ApplicationAccepted]) -> Iterable[Dispatch]:
        """The case is known: what was kept of its application joins the dossier."""
        accepted = message.event
        filing: Folded[Filing] = await self._journal.fold(filing_stream(accepted.application_id), court=None)
        bind = BindFiling(accepted.application_id, accepted.case_id)
        return [
            Dispatch(filing_stream(accepted.application_id), bind, key=accepted.application_id),
            _into_dossier(accepted.case_id, message, *filing.state.observations.values(), observed(message)),
        ]


def on_roster_set(message: Message[intake.RosterSet]) -> Iterable[Dispatch]:
    """The court's people: where each can be reached, and who holds which post."""
    roster = message.event
    people = {officer.officer_id: officer for officer in roster.officers}
    posts = {
        "NODE_SUPERVISOR": roster.node_supervisor,
        "BUREAU_HEAD": roster.bureau_head,
        "PRESIDENT": roster.president,
    }
    contacts = [
        (officer_stream(roster.court, officer_id), KeepContact(officer_id, message.seq, officer.name, officer.phone))
        for officer_id, officer in people.items()
    ]
    contacts += [
        (post_stream(roster.court, kind), KeepContact(holder, message.seq, people[holder].name, people[holder].phone))
        for kind, holder in posts.items()
        if holder in people
    ]
    return [Dispatch(stream, contact) for stream, contact in contacts]


def on_party_registered(message: Message[intake.PartyRegistered]) -> Iterable[Dispatch]:
    """A party: the telephone number for messages, and the masked name; nothing else of it is needed here."""
    party = message.event
    contact = KeepContact(party.party_id, message.seq, party.display_name, party.phone)
    return [Dispatch(party_stream(party.party_id), contact)]


def on_party_updated(message: Message[intake.PartyUpdated]) -> Iterable[Dispatch]:
    """A party has a new telephone number."""
    party = message.event
    return [Dispatch(party_stream(party.party_id), KeepContact(party.party_id, message.seq, phone=party.phone))]


def on_agency_registered(message: Message[asset_inquiry.AgencyRegistered]) -> Iterable[Dispatch]:
    """An agency has a name that people know it by."""
    agency = message.event
    contact = KeepContact(agency.agency_id, message.seq, agency.name)
    return [Dispatch(agency_stream(agency.agency_id), contact, court=NATIONAL, key=agency.agency_id)]


def _into_dossier(case_id: str, message: Message[Any], *observations: Observation) -> Dispatch:
    return Dispatch(dossier_stream(case_id), RecordFacts(case_id, observations), court=message.court, key=case_id)


def handlers(journal: Journal) -> Mapping[type[Event], Handler]:
    """Return the map: every fact that a dossier keeps, and the three sources of contacts."""
    applications = Applications(journal)
    table: dict[type[Event], Handler] = dict.fromkeys(KEPT, on_case_fact)
    table |= {
        intake.ApplicationReceived: applications.on_application_fact,
        intake.ApplicationDefectsNotified: applications.on_application_fact,
        intake.ApplicationSupplemented: applications.on_application_fact,
        intake.ApplicationAccepted: applications.on_application_accepted,
        intake.RosterSet: on_roster_set,
        intake.PartyRegistered: on_party_registered,
        intake.PartyUpdated: on_party_updated,
        asset_inquiry.AgencyRegistered: on_agency_registered,
    }
    return table
