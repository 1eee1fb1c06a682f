"""Our copies of other rooms' facts, and the private side of our own: what decisions need and no topic may carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from libs.schemas.asset_inquiry import (
    AssetRecorded,
    CaseRecorded,
    OfficersFiled,
    PaperRecorded,
    PaperSealed,
    ReplyRecorded,
    RequestContentRecorded,
    SubjectRecorded,
)
from libs.schemas.envelope import Event
from libs.schemas.parts import OfficerRef


@dataclass(frozen=True, slots=True)
class CaseCopy:
    """A case as we need it: whose debtors may be asked about, by whom, and whether it is open (R-GEN-06)."""

    record: CaseRecorded | None = None


@dataclass(frozen=True, slots=True)
class SubjectCopy:
    """A party's identity, cut to what an agency needs to find them."""

    record: SubjectRecorded | None = None


@dataclass(frozen=True, slots=True)
class PaperCopy:
    """A paper's text and, once approved, its seal; the two arrive over different topics in any order."""

    record: PaperRecorded | None = None
    seal: str = ""


@dataclass(frozen=True, slots=True)
class OfficersCopy:
    """The officers of a court whose credentials are filed with the agencies (R-INQ-05)."""

    record: OfficersFiled | None = None

    def filed(self) -> Mapping[str, OfficerRef]:
        """Return the officers with both permits, by id."""
        officers = self.record.officers if self.record else ()
        return {one.officer_id: one for one in officers if one.work_permit_number and one.duty_permit_number}


@dataclass(frozen=True, slots=True)
class ContentCopy:
    """The content of a request exactly as it was signed."""

    record: RequestContentRecorded | None = None


@dataclass(frozen=True, slots=True)
class ReplyCopies:
    """The signed replies to one request as they came, by the hash of their body."""

    records: Mapping[str, ReplyRecorded] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class AssetCopy:
    """An asset as its agency last reported it, with the full reference."""

    record: AssetRecorded | None = None


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep this fact; a copy with a `source_seq` only if it is newer than what we have."""

    fact: Event


@dataclass(frozen=True, slots=True)
class AssignOfficers:
    """These officers act in the case now."""

    officers: tuple[str, ...]
    source_seq: int


@dataclass(frozen=True, slots=True)
class CloseCase:
    """Nobody may be asked about this case any more."""

    source_seq: int


def decide_case_copy(state: CaseCopy, command: Any, now: datetime) -> Sequence[Event]:
    """Return the newer copy, or nothing if what arrived is old."""
    del now
    known = state.record
    match command:
        case Keep(fact=CaseRecorded() as fact):
            return (fact,) if known is None or fact.source_seq > known.source_seq else ()
        case AssignOfficers() if known is not None and command.source_seq > known.source_seq:
            return (known.model_copy(update={"officers": command.officers, "source_seq": command.source_seq}),)
        case CloseCase() if known is not None and command.source_seq > known.source_seq:
            return (known.model_copy(update={"is_open": False, "source_seq": command.source_seq}),)
    return ()


def evolve_case_copy(state: CaseCopy, event: Event) -> CaseCopy:
    """Return the copy after `event`."""
    return CaseCopy(event) if isinstance(event, CaseRecorded) else state


def decide_subject(state: SubjectCopy, command: Keep, now: datetime) -> Sequence[Event]:
    """Return the newer copy, or nothing if what arrived is old."""
    del now
    fact = command.fact
    known = state.record.source_seq if state.record else 0
    return (fact,) if isinstance(fact, SubjectRecorded) and fact.source_seq > known else ()


def evolve_subject(state: SubjectCopy, event: Event) -> SubjectCopy:
    """Return the copy after `event`."""
    return SubjectCopy(event) if isinstance(event, SubjectRecorded) else state


def decide_paper(state: PaperCopy, command: Keep, now: datetime) -> Sequence[Event]:
    """Return the paper or its seal the first time it arrives; neither ever changes."""
    del now
    fact = command.fact
    is_new = (isinstance(fact, PaperRecorded) and state.record is None) or (
        isinstance(fact, PaperSealed) and not state.seal
    )
    return (fact,) if is_new else ()


def evolve_paper(state: PaperCopy, event: Event) -> PaperCopy:
    """Return the copy after `event`."""
    match event:
        case PaperRecorded():
            return replace(state, record=event)
        case PaperSealed():
            return replace(state, seal=event.seal)
    return state


def decide_officers(state: OfficersCopy, command: Keep, now: datetime) -> Sequence[Event]:
    """Return the newer list, or nothing if what arrived is old."""
    del now
    fact = command.fact
    known = state.record.source_seq if state.record else 0
    return (fact,) if isinstance(fact, OfficersFiled) and fact.source_seq > known else ()


def evolve_officers(state: OfficersCopy, event: Event) -> OfficersCopy:
    """Return the copy after `event`."""
    return OfficersCopy(event) if isinstance(event, OfficersFiled) else state


def decide_content(state: ContentCopy, command: Keep, now: datetime) -> Sequence[Event]:
    """Return the content the first time: what was signed never changes."""
    del now
    return (command.fact,) if state.record is None and isinstance(command.fact, RequestContentRecorded) else ()


def evolve_content(state: ContentCopy, event: Event) -> ContentCopy:
    """Return the copy after `event`."""
    return ContentCopy(event) if isinstance(event, RequestContentRecorded) else state


def decide_replies(state: ReplyCopies, command: Keep, now: datetime) -> Sequence[Event]:
    """Return the reply unless the very same content is here already."""
    del now
    fact = command.fact
    return (fact,) if isinstance(fact, ReplyRecorded) and fact.content_sha256 not in state.records else ()


def evolve_replies(state: ReplyCopies, event: Event) -> ReplyCopies:
    """Return the copies after `event`."""
    if isinstance(event, ReplyRecorded):
        return ReplyCopies(MappingProxyType({**state.records, event.content_sha256: event}))
    return state


def decide_asset(state: AssetCopy, command: Keep, now: datetime) -> Sequence[Event]:
    """Return the asset's newer report; a report of an older request changes nothing."""
    del now
    fact, known = command.fact, state.record
    if not isinstance(fact, AssetRecorded):
        return ()
    if known is None or fact.request_id != known.request_id or fact.source_seq > known.source_seq:
        return (fact,)
    return ()


def evolve_asset(state: AssetCopy, event: Event) -> AssetCopy:
    """Return the copy after `event`."""
    return AssetCopy(event) if isinstance(event, AssetRecorded) else state
