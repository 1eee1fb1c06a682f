"""The law of our copy of a case: facts are taken once or if newer; bars and numbers are decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.foundation.case_number import chinese_numeral
from libs.foundation.errors import NotFound, Refused
from libs.schemas.credit_blacklist import (
    CasefileBarEnded,
    CasefileBarRecorded,
    CasefileBreachRecorded,
    CasefileClosed,
    CasefileControlRecorded,
    CasefileDebtRecorded,
    CasefileNumberTaken,
    CasefileRecorded,
    CasefileRecordJoined,
    CasefileSatisfied,
    CasefileWarned,
    PaperKind,
    RecordKind,
)
from libs.schemas.envelope import Event
from services.credit_blacklist.domain.casefile import CaseFile

SUFFIXES_MAX = 99
"""Numbers of a case's papers go up to 之九十九 (R-INT-04)."""


class NoBarOfThisId(NotFound):
    """The case has no such bar, or it has ended."""

    code = "listing_bar_unknown"
    title = "There is no such bar to listing"
    remedy = "Check the id; a bar that has ended cannot be ended again."


class PaperNumbersUsedUp(Refused):
    """The suffix of a paper's number has no sign for a hundred (R-INT-04)."""

    code = "paper_numbers_used_up"
    title = "The case has no further number for this kind of paper"
    rule = "R-INT-04"
    remedy = "Number the paper by hand."


@dataclass(frozen=True, slots=True)
class Note:
    """Keep this fact of another room; each is taken once, one with a `source_seq` only if it is newer."""

    fact: Event


@dataclass(frozen=True, slots=True)
class JoinRecord:
    """Remember that a listing or restriction order belongs to the case."""

    case_id: str
    kind: RecordKind
    stream: str


@dataclass(frozen=True, slots=True)
class TakeNumber:
    """Give a paper of this case its number; what it is for decides that a repeat gets the same one."""

    case_id: str
    kind: PaperKind
    purpose_id: str


@dataclass(frozen=True, slots=True)
class EndBar:
    """Say that what spoke against listing has fallen away."""

    bar_id: str
    reason: str
    ended_by: str


CaseFileCommand = Note | JoinRecord | TakeNumber | EndBar


def decide_casefile(state: CaseFile, command: CaseFileCommand, _now: datetime) -> Sequence[Event]:
    """Return what is new. Raises `CaseFileUnknown`, `NoBarOfThisId`, `PaperNumbersUsedUp`."""
    match command:
        case Note():
            return (command.fact,) if _is_news(state, command.fact) else ()
        case JoinRecord():
            if command.stream in (*state.listings, *state.restrictions, *state.batches):
                return ()
            return (CasefileRecordJoined(case_id=command.case_id, kind=command.kind, stream=command.stream),)
        case TakeNumber():
            return _take_number(state, command)
        case EndBar():
            if command.bar_id not in state.bars or command.bar_id in state.ended_bars:
                raise NoBarOfThisId
            return (
                CasefileBarEnded(
                    case_id=state.require().case_id,
                    bar_id=command.bar_id,
                    reason=command.reason,
                    ended_by=command.ended_by,
                ),
            )


def _is_news(state: CaseFile, fact: Event) -> bool:
    match fact:
        case CasefileRecorded():
            return state.record is None
        case CasefileWarned():
            # The first service counts: from then on the debtor was warned.
            return fact.party_id not in state.warnings
        case CasefileBreachRecorded():
            return fact not in state.breaches.get(fact.party_id, ())
        case CasefileDebtRecorded():
            return state.debt is None or fact.source_seq > state.debt.source_seq
        case CasefileControlRecorded():
            known = state.controls.get(fact.measure_id)
            return known is None or fact.source_seq > known.source_seq
        case CasefileSatisfied():
            return state.satisfied is None
        case CasefileClosed():
            return state.closed is None
        case CasefileBarRecorded():
            return fact.bar_id not in state.bars
    return False


def _take_number(state: CaseFile, command: TakeNumber) -> Sequence[Event]:
    if (command.kind, command.purpose_id) in state.numbers:
        return ()
    serial = sum(kind == command.kind for kind, _ in state.numbers) + 1
    if serial > SUFFIXES_MAX:
        raise PaperNumbersUsedUp
    number = f"{state.require().case_number}之{chinese_numeral(serial)}"
    return (
        CasefileNumberTaken(
            case_id=command.case_id,
            kind=command.kind,
            purpose_id=command.purpose_id,
            serial=serial,
            number=number,
        ),
    )
