"""The case."""

from __future__ import annotations

from datetime import date
from typing import Literal

from libs.schemas.envelope import Event, Fact, Fen, Instant, SignedFen
from libs.schemas.intake.application import EnforcementBasis
from libs.schemas.intake.kinds import TeamKind
from libs.schemas.parts import (
    CaseAccountRef,
    Due,
    PartyRef,
)


class Staff(Fact):
    """A member of the court's staff as events name them."""

    officer_id: str
    name: str


class CaseRegistered(Event, name="case_registered"):
    """The case is filed (立案) and numbered. Until assignment the duty officer and duty leader act in it."""

    case_id: str
    case_number: str
    court: str
    court_name: str
    application_id: str
    applicants: tuple[PartyRef, ...]
    debtors: tuple[PartyRef, ...]
    basis: EnforcementBasis
    cause: str
    claim_fen: Fen
    green_channel: bool
    received_at: Instant
    filed_on: date
    acting_officer: Staff
    acting_leader: Staff
    rule_version: str


class FilingReceiptIssued(Event, name="filing_receipt_issued"):
    """The filing receipt (立案回执), signed by the court: a compact JWS over what was filed and when."""

    case_id: str
    application_id: str
    receipt: str


class TriageFacts(Fact):
    """What triage looked at (R-INT-31, R-INT-32)."""

    claim_fen: Fen
    preserved_fen: Fen
    found_fen: Fen
    needs_disposal: bool
    removal_of_obstruction: bool
    debtor_willing: bool
    deductible_income: bool
    simple_act: bool
    inquiry_complete: bool


class CaseTriaged(Event, name="case_triaged"):
    """The case was classified; the rule and the facts that decided are stored with it (R-INT-30, R-INT-31)."""

    case_id: str
    team_kind: TeamKind
    rules: tuple[str, ...]
    facts: TriageFacts
    green_channel: bool
    plan_required: bool
    rule_version: str


class CaseAssigned(Event, name="case_assigned"):
    """A team and its officers answer for the case from now on (R-INT-14)."""

    case_id: str
    team_id: str
    team_name: str
    team_kind: TeamKind
    team_leader: Staff
    case_officer: Staff


class InquiryResultRecorded(Event, name="inquiry_result_recorded"):
    """Intake's copy of a finished inquiry: what triage and control orders look at."""

    case_id: str
    inquiry_id: str
    found_fen: Fen
    needs_disposal: bool


class DebtPositionRecorded(Event, name="debt_position_recorded"):
    """Intake's copy of the money side of the case, as of the payments event named by `source_seq`."""

    case_id: str
    account: CaseAccountRef | None = None
    debt_fen: Fen
    as_of: date | None = None
    recovered_fen: Fen
    paid_out_fen: Fen
    balance_fen: SignedFen
    satisfied: bool
    settled: bool
    source_seq: int


class DeductionPosition(Fact):
    """How far one deduction on a measure has come, as asset_inquiry says."""

    deduction_id: str
    control_order_id: str | None = None
    amount_fen: Fen
    state: Literal["REQUESTED", "ANSWERED", "CONFIRMED", "FAILED"]


class ControlPositionRecorded(Event, name="control_position_recorded"):
    """Intake's copy of one control measure, as of the asset_inquiry event named by `source_seq`."""

    case_id: str
    measure_id: str
    agency_id: str
    request_number: str
    sequence: int
    state: str
    controlled_fen: Fen
    deducted_fen: Fen
    source_seq: int
    control_order_id: str | None = None
    requested_limit_fen: Fen = 0
    reissued_as: str | None = None
    deductions: tuple[DeductionPosition, ...] = ()


class PunishmentPositionRecorded(Event, name="punishment_position_recorded"):
    """Intake's copy of one record of the list, as of its version: what closing looks at (R-INT-23)."""

    case_id: str
    record_id: str
    list_type: Literal["LISTING", "RESTRICTION"]
    party_id: str
    in_force: bool
    version: int


class PropertyReportOrdered(Event, name="property_report_ordered"):
    """The property report order was served on the debtor; the report is due (R-INT-16)."""

    case_id: str
    party_id: str
    document_id: str
    due: Due


class PropertyReportReceived(Event, name="property_report_received"):
    """The debtor reported. Content stands in the paper; here only what it is and whether it came in time."""

    case_id: str
    party_id: str
    report_id: str
    categories: tuple[str, ...]
    in_time: bool


class PropertyReportBreached(Event, name="property_report_breached"):
    """The report did not come in time, or was refused or false: ground 4 of listing (R-INT-16, AI Art 10)."""

    case_id: str
    party_id: str
    reason: Literal["NOT_REPORTED", "REFUSED", "FALSE", "LATE"]
