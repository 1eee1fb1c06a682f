"""Facts of intake become our private copies: cut to what a request needs, and no more."""

from __future__ import annotations

from collections.abc import Iterable

from libs.bus import Dispatch, Message
from libs.schemas.asset_inquiry import CaseRecorded, OfficersFiled, PaperRecorded, PaperSealed, SubjectRecorded
from libs.schemas.intake import (
    CaseAssigned,
    CaseClosed,
    CaseRegistered,
    DocumentApproved,
    PaperWritten,
    PartyRegistered,
    RosterSet,
)
from libs.schemas.parts import OfficerRef
from services.asset_inquiry.deciders import case_stream, officers_stream, paper_stream, subject_stream
from services.asset_inquiry.domain.copies import AssignOfficers, CloseCase, Keep
from services.asset_inquiry.rules.measures import AGENCY_PAPERS


def on_case_registered(message: Message[CaseRegistered]) -> Iterable[Dispatch]:
    """A case is open: its debtors may be asked about by the officers on duty."""
    case = message.event
    record = CaseRecorded(
        case_id=case.case_id,
        case_number=case.case_number,
        court=case.court,
        court_name=case.court_name,
        debtors=case.debtors,
        officers=(case.acting_officer.officer_id, case.acting_leader.officer_id),
        is_open=True,
        source_seq=message.seq,
    )
    return [Dispatch(case_stream(case.case_id), Keep(record), court=case.court, key=case.case_id)]


def on_case_assigned(message: Message[CaseAssigned]) -> Iterable[Dispatch]:
    """From now on the team's officers act in the case."""
    case = message.event
    officers = (case.case_officer.officer_id, case.team_leader.officer_id)
    return [Dispatch(case_stream(case.case_id), AssignOfficers(officers, message.seq), key=case.case_id)]


def on_case_closed(message: Message[CaseClosed]) -> Iterable[Dispatch]:
    """Nobody may be asked about a closed case."""
    return [Dispatch(case_stream(message.event.case_id), CloseCase(message.seq), key=message.event.case_id)]


def on_party_registered(message: Message[PartyRegistered]) -> Iterable[Dispatch]:
    """Name and identity documents; telephone, address and accounts of a party are no business of an agency."""
    party = message.event
    record = SubjectRecorded(
        party_id=party.party_id,
        party_type=party.party_type,
        name=party.name,
        documents=tuple({"id_type": one.id_type, "id_number": one.id_number} for one in party.documents),
        source_seq=message.seq,
    )
    return [Dispatch(subject_stream(party.party_id), Keep(record))]


def on_paper_written(message: Message[PaperWritten]) -> Iterable[Dispatch]:
    """The text of a paper that agencies are handed; of papers for the parties we keep none."""
    paper = message.event
    if paper.kind not in AGENCY_PAPERS:
        return []
    record = PaperRecorded.model_validate(paper.model_dump())
    return [Dispatch(paper_stream(paper.document_id), Keep(record))]


def on_document_approved(message: Message[DocumentApproved]) -> Iterable[Dispatch]:
    """The court's seal on a paper that agencies are handed."""
    document = message.event
    if document.kind not in AGENCY_PAPERS:
        return []
    return [
        Dispatch(
            paper_stream(document.document_id),
            Keep(PaperSealed(document_id=document.document_id, seal=document.seal)),
        )
    ]


def on_roster_set(message: Message[RosterSet]) -> Iterable[Dispatch]:
    """Every officer of the court with both permits counts as filed with the agencies (R-INQ-05)."""
    roster = message.event
    record = OfficersFiled(
        court=roster.court,
        court_name=roster.court_name,
        officers=tuple(
            OfficerRef(
                officer_id=one.officer_id,
                name=one.name,
                work_permit_number=one.work_permit_number,
                duty_permit_number=one.duty_permit_number,
            )
            for one in roster.officers
        ),
        source_seq=message.seq,
    )
    return [Dispatch(officers_stream(roster.court), Keep(record), court=roster.court)]
