"""`filing/<court>/<digest>`: every attempt to have one basis enforced for and against the same parties.

A filing is a duplicate only while an earlier attempt is pending or its case bars a new application; otherwise it is the
next attempt on the same stream (design section 3, sentence 7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from libs.foundation.court_calendar import court_day
from libs.foundation.ids import derived_id
from libs.schemas.envelope import Event
from libs.schemas.intake import (
    ApplicationAccepted,
    ApplicationCaseClosed,
    ApplicationDefectsNotified,
    ApplicationReceived,
    ApplicationRefused,
    ApplicationSupplemented,
    ClosureKind,
    EnforcementBasis,
    FiledPaper,
)
from libs.schemas.parts import PartyRef
from services.intake.domain.attempts import Attempt, Filing, evolve
from services.intake.domain.refusals import (
    AcceptanceConditionsUnmet,
    ApplicationAlreadyDecided,
    DefectsOpen,
    NoGroundForRefusal,
)
from services.intake.rules import acceptance, papers
from services.intake.rules.closing import MAY_REAPPLY

__all__ = [
    "Attempt",
    "DecideApplication",
    "FileApplication",
    "Filing",
    "RecordClosedCase",
    "SupplementApplication",
    "decide",
    "evolve",
]


@dataclass(frozen=True, slots=True)
class FileApplication:
    """File an application; `filing_id` is the id that all attempts of this stream begin with."""

    filing_id: str
    court: str
    applicants: tuple[PartyRef, ...]
    debtors: tuple[PartyRef, ...]
    basis: EnforcementBasis
    cause: str
    claim_fen: int
    requests: str
    clues: str
    papers: tuple[FiledPaper, ...]
    filed_by: str
    special_authorisation: bool = False
    collects_in_other_name: bool = False
    applicant_is_successor: bool = False


@dataclass(frozen=True, slots=True)
class SupplementApplication:
    """Hand in papers that were lacking."""

    application_id: str
    papers: tuple[FiledPaper, ...]
    special_authorisation: bool = False
    clues: str = ""


@dataclass(frozen=True, slots=True)
class DecideApplication:
    """Accept or refuse, with what the filing clerk found about the five conditions."""

    application_id: str
    accept: bool
    findings: acceptance.Findings
    decided_by: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RecordClosedCase:
    """The case of this application was closed."""

    application_id: str
    case_id: str
    kind: ClosureKind


Command = FileApplication | SupplementApplication | DecideApplication | RecordClosedCase


def decide(state: Filing, command: Command, now: datetime) -> Sequence[Event]:
    """Return what follows from a command; a duplicate filing changes nothing and is answered with the first one."""
    match command:
        case FileApplication():
            return _file(state, command, now)
        case SupplementApplication():
            return _supplement(state, command)
        case DecideApplication():
            return _decide_application(state, command, court_day(now))
        case RecordClosedCase():
            attempt = state.attempt(command.application_id)
            if attempt.state == "CASE_CLOSED":
                return []
            return [
                ApplicationCaseClosed(
                    application_id=command.application_id,
                    case_id=command.case_id,
                    kind=command.kind,
                    may_reapply=command.kind in MAY_REAPPLY,
                )
            ]


def _file(state: Filing, command: FileApplication, now: datetime) -> Sequence[Event]:
    if state.attempts and state.attempts[-1].bars_another:
        return []
    number = len(state.attempts) + 1
    application_id = f"{command.filing_id}_{number}"
    received = ApplicationReceived(
        application_id=application_id,
        attempt=number,
        court=command.court,
        applicants=command.applicants,
        debtors=command.debtors,
        basis=command.basis,
        cause=command.cause,
        claim_fen=command.claim_fen,
        requests=command.requests,
        clues=command.clues,
        papers=command.papers,
        filed_by=command.filed_by,
        received_at=now,
    )
    filing = papers.Filing(
        basis=command.basis.kind,
        organisation_applies=any(party.party_type == "ORGANISATION" for party in command.applicants),
        applicant_is_successor=command.applicant_is_successor,
        collects_in_other_name=command.collects_in_other_name,
    )
    kinds = {paper.kind for paper in command.papers}
    defects = papers.defects_of(filing, kinds, special_authorisation=command.special_authorisation)
    if not defects:
        return [received]
    return [received, ApplicationDefectsNotified(application_id=application_id, defects=defects)]


def _supplement(state: Filing, command: SupplementApplication) -> Sequence[Event]:
    attempt = state.attempt(command.application_id)
    if not attempt.is_pending:
        raise ApplicationAlreadyDecided
    kinds = {paper.kind for paper in (*attempt.papers, *command.papers)}
    left = papers.remaining(attempt.defects, kinds, special_authorisation=command.special_authorisation)
    return [
        ApplicationSupplemented(
            application_id=command.application_id, papers=command.papers, remaining=left, clues=command.clues
        )
    ]


def _decide_application(state: Filing, command: DecideApplication, today: date) -> Sequence[Event]:
    attempt = state.attempt(command.application_id)
    if not attempt.is_pending:
        raise ApplicationAlreadyDecided
    basis = attempt.received.basis
    failed = acceptance.failed_conditions(command.findings, basis, today)
    if command.accept:
        if failed:
            raise AcceptanceConditionsUnmet(
                acceptance.conditions_text(failed),
                failed_conditions=list(failed),
                may_reapply_after=_after(failed, basis),
            )
        if attempt.defects:
            raise DefectsOpen(defects=[defect.model_dump() for defect in attempt.defects])
        return [
            ApplicationAccepted(
                application_id=command.application_id,
                case_id=derived_id("case", command.application_id),
                decided_by=command.decided_by,
                decided_on=today,
                rule_version=acceptance.ACCEPTANCE.version,
            )
        ]
    if not failed and not attempt.defects:
        raise NoGroundForRefusal
    return [
        ApplicationRefused(
            application_id=command.application_id,
            failed_conditions=failed,
            reason=command.reason or acceptance.conditions_text(failed) or "申请材料逾期未补正",
            decided_by=command.decided_by,
            may_reapply_after=_after(failed, basis),
            rule_version=acceptance.ACCEPTANCE.version,
        )
    ]


def _after(failed: tuple[int, ...], basis: EnforcementBasis) -> date | None:
    return basis.last_day_of_performance if 4 in failed else None  # noqa: PLR2004 -- condition (4) of R-INT-09
