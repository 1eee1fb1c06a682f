"""A concentrated inquiry (集中查控): fanned out by asset class to capable agencies, complete when all have answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from libs.foundation.clock import SHANGHAI
from libs.foundation.errors import NotFound
from libs.foundation.ids import derived_id
from libs.schemas.asset_inquiry import (
    CaseRecorded,
    FoundAsset,
    InquiryAnswerRecorded,
    InquiryCompleted,
    InquiryOpened,
    PlannedRequest,
)
from libs.schemas.envelope import Event
from libs.schemas.parts import AssetClass, PartyRef, Urgency
from services.asset_inquiry.domain.copies import OfficersCopy, PaperCopy
from services.asset_inquiry.domain.enclosures import enclosed_papers, named_officers
from services.asset_inquiry.domain.refusals import (
    CaseClosed,
    InquiryTooWide,
    NoCapableAgency,
    NotOfficerOfCase,
    SubjectNotDebtor,
)
from services.asset_inquiry.rules.measures import MONEY_CLASSES

PLANNED_MAX = 500
"""Requests of one inquiry: its opening is one event, and one message signs them all."""


@dataclass(frozen=True, slots=True)
class Capability:
    """What an agency can be asked for, as far as a fan-out or an order needs it."""

    agency_id: str
    kind: str
    asset_classes: tuple[AssetClass, ...]
    measure_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InquiryState:
    """An inquiry as it stands; `answers` holds the result of each planned request, by the id it was planned with."""

    opened: InquiryOpened | None = None
    answers: Mapping[str, InquiryAnswerRecorded] = field(default_factory=lambda: MappingProxyType({}))
    completed: InquiryCompleted | None = None

    @property
    def found_fen(self) -> int:
        """Money found so far."""
        return sum(answer.found_fen for answer in self.answers.values())


@dataclass(frozen=True, slots=True)
class OpenInquiry:
    """Ask about these debtors of this case, with these papers and in the name of these officers."""

    inquiry_id: str
    case: CaseRecorded
    subject_ids: tuple[str, ...]
    asset_classes: tuple[AssetClass, ...]
    agencies: tuple[Capability, ...]
    papers: Mapping[str, PaperCopy]
    roster: OfficersCopy
    officer_ids: tuple[str, ...]
    urgency: Urgency
    requested_by: str


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """A planned request, or the last of its reissues, was answered finally with these assets."""

    request_id: str
    agency_id: str
    assets: tuple[FoundAsset, ...]


def decide_inquiry(state: InquiryState, command: Any, now: datetime) -> Sequence[Event]:
    """Return what follows. Refuses closed cases, strangers to the case, and classes that no agency holds."""
    match command:
        case OpenInquiry():
            return _open(state, command, now)
        case RecordAnswer():
            return _record(state, command)
    msg = f"no such command: {type(command).__name__}"
    raise TypeError(msg)


def _open(state: InquiryState, command: OpenInquiry, now: datetime) -> Sequence[Event]:
    if state.opened is not None:
        return ()
    case = command.case
    if not case.is_open:
        raise CaseClosed
    if command.requested_by not in case.officers:
        raise NotOfficerOfCase
    debtors = {debtor.party_id: debtor for debtor in case.debtors}
    if strangers := [subject for subject in command.subject_ids if subject not in debtors]:
        raise SubjectNotDebtor(field="subject_ids", subjects=strangers)
    held = {asset_class for agency in command.agencies for asset_class in agency.asset_classes}
    if missing := sorted(set(command.asset_classes) - held):
        raise NoCapableAgency(f"No connected agency holds {', '.join(missing)}.", field="asset_classes")
    subjects = tuple(debtors[subject] for subject in command.subject_ids)
    planned = tuple(_planned(command, subjects, now))
    if len(planned) > PLANNED_MAX:
        raise InquiryTooWide(f"{len(planned)} requests would follow, at most {PLANNED_MAX} do.", field="subject_ids")
    return (
        InquiryOpened(
            inquiry_id=command.inquiry_id,
            case_id=case.case_id,
            case_number=case.case_number,
            subjects=subjects,
            asset_classes=command.asset_classes,
            planned=planned,
            papers=enclosed_papers("INQUIRY", command.papers, case.case_id),
            officers=named_officers(command.officer_ids, command.roster),
            urgency=command.urgency,
            requested_by=command.requested_by,
        ),
    )


def _planned(command: OpenInquiry, subjects: Sequence[PartyRef], now: datetime) -> Iterable[PlannedRequest]:
    for subject in subjects:
        for agency in sorted(command.agencies, key=lambda one: one.agency_id):
            classes = tuple(one for one in command.asset_classes if one in agency.asset_classes)
            if classes:
                request_id = derived_id("req", command.inquiry_id, subject.party_id, agency.agency_id)
                yield PlannedRequest(
                    request_id=request_id,
                    request_number=request_number("CX", request_id, now),
                    agency_id=agency.agency_id,
                    asset_classes=classes,
                    party_id=subject.party_id,
                )


def request_number(prefix: str, request_id: str, now: datetime) -> str:
    """Return a number that people can read out: `CX20260302-1A2B3C4D`, the day being Shanghai's."""
    return f"{prefix}{now.astimezone(SHANGHAI):%Y%m%d}-{request_id.rpartition('_')[2][:8].upper()}"


def _record(state: InquiryState, command: RecordAnswer) -> Sequence[Event]:
    opened = state.opened
    if opened is None or command.request_id not in {planned.request_id for planned in opened.planned}:
        raise NotFound
    answer = InquiryAnswerRecorded(
        inquiry_id=opened.inquiry_id,
        case_id=opened.case_id,
        request_id=command.request_id,
        agency_id=command.agency_id,
        found_fen=money_found(command.assets),
        assets_found=len(command.assets),
        needs_disposal=any(asset.asset_class not in MONEY_CLASSES for asset in command.assets),
    )
    if state.answers.get(command.request_id) == answer:
        return ()
    after = evolve_inquiry(state, answer)
    if len(after.answers) < len(opened.planned):
        return (answer,)
    completed = InquiryCompleted(
        inquiry_id=opened.inquiry_id,
        case_id=opened.case_id,
        found_fen=after.found_fen,
        assets_found=sum(one.assets_found for one in after.answers.values()),
        needs_disposal=any(one.needs_disposal for one in after.answers.values()),
    )
    # A corrected reply after completion says the new result again, so that nobody acts on the old one.
    return (answer,) if completed == state.completed else (answer, completed)


def money_found(assets: Iterable[FoundAsset]) -> int:
    """Return what of these assets is money in yuan at once: available deposits and network funds."""
    return sum(
        asset.available_fen or 0 for asset in assets if asset.asset_class in MONEY_CLASSES and asset.currency == "CNY"
    )


def evolve_inquiry(state: InquiryState, event: Event) -> InquiryState:
    """Return the inquiry after `event`."""
    match event:
        case InquiryOpened():
            return replace(state, opened=event)
        case InquiryAnswerRecorded():
            return replace(state, answers=MappingProxyType({**state.answers, event.request_id: event}))
        case InquiryCompleted():
            return replace(state, completed=event)
    return state
