"""How a case begins: registered with its number, triaged, assigned (R-INT-09, R-INT-14, R-INT-30, R-INT-31)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.foundation.court_calendar import court_day
from libs.schemas.envelope import Event
from libs.schemas.intake import (
    CaseAssigned,
    CaseRegistered,
    CaseTriaged,
    EnforcementBasis,
    FilingReceiptIssued,
    InquiryResultRecorded,
    Staff,
    Team,
    TriageFacts,
)
from libs.schemas.parts import PartyRef
from services.intake.domain.case.state import Case
from services.intake.domain.refusals import (
    AlreadyAssigned,
    NotTheAssigner,
    NotTriaged,
    OfficerNotInTeam,
    TeamKindMismatch,
)
from services.intake.rules.acceptance import ACCEPTANCE
from services.intake.rules.triage import is_green, triage


@dataclass(frozen=True, slots=True)
class RegisterCase:
    """Register a numbered case, with the filing receipt that the court signed."""

    case_id: str
    case_number: str
    court: str
    court_name: str
    application_id: str
    applicants: tuple[PartyRef, ...]
    debtors: tuple[PartyRef, ...]
    basis: EnforcementBasis
    cause: str
    claim_fen: int
    received_at: datetime
    acting_officer: Staff
    acting_leader: Staff
    receipt: str


@dataclass(frozen=True, slots=True)
class TriageCase:
    """Classify the case with what a person knows beside the inquiry's result; None: as the inquiry found it."""

    decided_by: str
    preserved_fen: int = 0
    needs_disposal: bool | None = None
    removal_of_obstruction: bool = False
    debtor_willing: bool = False
    deductible_income: bool = False
    simple_act: bool = False


@dataclass(frozen=True, slots=True)
class RecordInquiryResult:
    """Keep the result of a finished inquiry; before assignment it triages the case by itself (R-INT-30)."""

    inquiry_id: str
    found_fen: int
    needs_disposal: bool


@dataclass(frozen=True, slots=True)
class AssignCase:
    """Give the case to a team and one of its officers."""

    assigned_by: str
    bureau_head: str
    team: Team
    team_leader: Staff
    case_officer: Staff


def register(state: Case, command: RegisterCase, now: datetime) -> Sequence[Event]:
    """Return the registration and the receipt, or nothing if the case stands."""
    if state.registration is not None:
        return []
    return [
        CaseRegistered(
            case_id=command.case_id,
            case_number=command.case_number,
            court=command.court,
            court_name=command.court_name,
            application_id=command.application_id,
            applicants=command.applicants,
            debtors=command.debtors,
            basis=command.basis,
            cause=command.cause,
            claim_fen=command.claim_fen,
            green_channel=is_green(command.cause),
            received_at=command.received_at,
            filed_on=court_day(now),
            acting_officer=command.acting_officer,
            acting_leader=command.acting_leader,
            rule_version=ACCEPTANCE.version,
        ),
        FilingReceiptIssued(case_id=command.case_id, application_id=command.application_id, receipt=command.receipt),
    ]


def triage_case(state: Case, command: TriageCase, now: datetime) -> Sequence[Event]:
    """Return the triage. Raises `NotTheActingOfficer`, `AlreadyAssigned`."""
    state.require_acting(command.decided_by)
    if state.assignment is not None:
        raise AlreadyAssigned
    inquiry = state.inquiry
    disposal = command.needs_disposal
    return [
        _triaged(
            state,
            TriageFacts(
                claim_fen=state.registered.claim_fen,
                preserved_fen=command.preserved_fen,
                found_fen=inquiry.found_fen if inquiry else 0,
                needs_disposal=disposal if disposal is not None else bool(inquiry and inquiry.needs_disposal),
                removal_of_obstruction=command.removal_of_obstruction,
                debtor_willing=command.debtor_willing,
                deductible_income=command.deductible_income,
                simple_act=command.simple_act,
                inquiry_complete=inquiry is not None,
            ),
            now,
        )
    ]


def record_inquiry(state: Case, command: RecordInquiryResult, now: datetime) -> Sequence[Event]:
    """Return the copy of the result and, before assignment, the triage that follows from it.

    What a person had said about the case (preserved money, a willing debtor …) is kept.
    """
    registered = state.registered
    recorded = InquiryResultRecorded(
        case_id=registered.case_id,
        inquiry_id=command.inquiry_id,
        found_fen=command.found_fen,
        needs_disposal=command.needs_disposal,
    )
    if state.assignment is not None or state.closed is not None:
        return [recorded]
    said = state.triage.facts if state.triage else None
    facts = TriageFacts(
        claim_fen=registered.claim_fen,
        preserved_fen=said.preserved_fen if said else 0,
        found_fen=command.found_fen,
        needs_disposal=command.needs_disposal or bool(said and said.needs_disposal),
        removal_of_obstruction=bool(said and said.removal_of_obstruction),
        debtor_willing=bool(said and said.debtor_willing),
        deductible_income=bool(said and said.deductible_income),
        simple_act=bool(said and said.simple_act),
        inquiry_complete=True,
    )
    return [recorded, _triaged(state, facts, now)]


def _triaged(state: Case, facts: TriageFacts, now: datetime) -> CaseTriaged:
    registered = state.registered
    found = triage(facts, court=registered.court, day=court_day(now))
    return CaseTriaged(
        case_id=registered.case_id,
        team_kind=found.team_kind,
        rules=found.rules,
        facts=facts,
        green_channel=registered.green_channel,
        plan_required=found.plan_required,
        rule_version=found.version,
    )


def assign(state: Case, command: AssignCase, now: datetime) -> Sequence[Event]:  # noqa: ARG001 -- a decider's shape
    """Return the assignment (R-INT-14). The team is of the kind that triage found, the officer is of the team."""
    registered = state.require_open()
    if command.assigned_by not in (state.acting_leader.officer_id, command.bureau_head):
        raise NotTheAssigner(acting_leader=state.acting_leader.officer_id)
    if state.triage is None:
        raise NotTriaged
    team = command.team
    if team.kind != state.triage.team_kind:
        raise TeamKindMismatch(
            f"Triage decided {state.triage.team_kind}, the team is {team.kind}.", team_kind=state.triage.team_kind
        )
    if command.case_officer.officer_id not in (*team.members, team.leader):
        raise OfficerNotInTeam(field="case_officer_id")
    assigned = CaseAssigned(
        case_id=registered.case_id,
        team_id=team.team_id,
        team_name=team.name,
        team_kind=team.kind,
        team_leader=command.team_leader,
        case_officer=command.case_officer,
    )
    return [] if assigned == state.assignment else [assigned]
