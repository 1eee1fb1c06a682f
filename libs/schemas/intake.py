"""Facts of `intake`: an application becomes a case; documents and approvals; the case's life."""

from __future__ import annotations

from datetime import date
from typing import Literal

from libs.schemas.envelope import Event, Fact, Fen, Instant, SignedFen
from libs.schemas.parts import (
    CaseAccountRef,
    DocumentKind,
    Due,
    IdType,
    OfficerRef,
    PaperRef,
    PartyRef,
    PartyType,
    RequestKind,
    Sha256,
)

TeamKind = Literal["FAST", "COERCIVE", "ORDINARY"]
"""速执团队, 强制执行团队, 普通团队 (R-INT-31)."""

BasisKind = Literal[
    "JUDGMENT",
    "RULING",
    "MEDIATION_STATEMENT",
    "PAYMENT_ORDER",
    "ARBITRAL_AWARD",
    "NOTARISED_DEBT_DOCUMENT",
    "ADMINISTRATIVE_DECISION",
    "RECOGNISED_FOREIGN_JUDGMENT",
    "OTHER",
]
"""Kinds of enforcement basis (R-INT-08)."""

ClosureKind = Literal[
    "FULLY_PERFORMED",
    "CURRENT_PROCEDURE_TERMINATED",
    "ENFORCEMENT_TERMINATED",
    "CANCELLED",
    "NOT_ENFORCED",
    "APPLICATION_DISMISSED",
]
"""Six ways to close an implementing case (R-INT-22): 执行完毕, 终结本次执行程序, 终结执行, 销案, 不予执行, 驳回申请."""

ServiceMethod = Literal["DIRECT", "ELECTRONIC", "POSTAL", "LEFT_AT_PLACE", "PUBLIC_NOTICE"]

# --- the party register: personal data stands only here -------------------------------------------------------------


class IdentityDocument(Fact):
    """One identity document of a party."""

    id_type: IdType
    id_number: str


class BankAccount(Fact):
    """An account that money may be paid to; its holder's name must equal the party's (R-PAY-07)."""

    account_name: str
    account_number: str
    bank_id: str
    bank_name: str


class PartyRegistered(Event, name="party_registered"):
    """A person or firm stands in the court's party register. Readable only by services that need it."""

    party_id: str
    party_type: PartyType
    name: str
    display_name: str
    documents: tuple[IdentityDocument, ...]
    phone: str | None = None
    address: str | None = None
    payee_account: BankAccount | None = None


class PartyUpdated(Event, name="party_updated"):
    """Contact data or payee account of a registered party changed; the identity did not."""

    party_id: str
    phone: str | None = None
    address: str | None = None
    payee_account: BankAccount | None = None


# --- the application -------------------------------------------------------------------------------------------------


class EnforcementBasis(Fact):
    """The document that is enforced (执行依据)."""

    kind: BasisKind
    number: str
    issued_by: str
    effective_on: date
    last_day_of_performance: date
    content: str


class FiledPaper(Fact):
    """A paper handed in with an application (R-INT-10)."""

    kind: str
    title: str
    sha256: Sha256


class Defect(Fact):
    """One thing an application lacks; all are named at once (一次性告知)."""

    code: str
    text: str
    rule: str


class ApplicationReceived(Event, name="application_received"):
    """An application for enforcement arrived. `attempt` counts filings of the same basis by the same parties."""

    application_id: str
    attempt: int
    court: str
    applicants: tuple[PartyRef, ...]
    debtors: tuple[PartyRef, ...]
    basis: EnforcementBasis
    cause: str
    claim_fen: Fen
    requests: str
    clues: str = ""
    papers: tuple[FiledPaper, ...]
    filed_by: str
    received_at: Instant | None = None


class ApplicationDefectsNotified(Event, name="application_defects_notified"):
    """The applicant was told everything that is missing, once (R-INT-10)."""

    application_id: str
    defects: tuple[Defect, ...]


class ApplicationSupplemented(Event, name="application_supplemented"):
    """The applicant handed in missing papers or facts."""

    application_id: str
    papers: tuple[FiledPaper, ...]
    remaining: tuple[Defect, ...] = ()


class ApplicationAccepted(Event, name="application_accepted"):
    """All five conditions hold (R-INT-09); the case id is fixed, its number follows from the numbering stream."""

    application_id: str
    case_id: str
    decided_by: str
    decided_on: date
    case_type: str = "执"
    rule_version: str | None = None


class ApplicationRefused(Event, name="application_refused"):
    """The application is not accepted (裁定不予受理); the failing condition numbers of R-INT-09 are named."""

    application_id: str
    failed_conditions: tuple[int, ...]
    reason: str
    decided_by: str
    may_reapply_after: date | None = None
    rule_version: str | None = None


class ApplicationCaseClosed(Event, name="application_case_closed"):
    """The case of this application was closed; whether the same basis may be filed again follows from the kind."""

    application_id: str
    case_id: str
    kind: ClosureKind
    may_reapply: bool


class CaseNumberBound(Event, name="case_number_bound"):
    """A serial number of a court, type and year belongs to this application now; numbers have no gaps (R-INT-01)."""

    application_id: str
    case_id: str
    case_number: str
    serial: int


# --- the case --------------------------------------------------------------------------------------------------------


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
    deductions: tuple[DeductionPosition, ...] = ()


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


# --- documents -------------------------------------------------------------------------------------------------------


class PaperWritten(Event, name="paper_written"):
    """The text of a document (may hold names and numbers): its own topic, read only by those who hand it on."""

    document_id: str
    case_id: str
    kind: DocumentKind
    number: str
    title: str
    media_type: str
    content: str
    sha256: Sha256


class DocumentNumberBound(Event, name="document_number_bound"):
    """The case gave a document its number; rulings of a case are counted 之一, 之二 … (R-INT-04)."""

    case_id: str
    document_id: str
    kind: DocumentKind
    number: str
    drafted_by: str


class DocumentDrafted(Event, name="document_drafted"):
    """A document was drafted from a template and waits in the signing queue of its approver."""

    document_id: str
    case_id: str
    kind: DocumentKind
    number: str
    title: str
    sha256: Sha256
    template_version: str
    drafted_by: str
    approval_level: str
    approver: str
    recipients: tuple[PartyRef, ...] = ()


class DocumentApproved(Event, name="document_approved"):
    """The approver of the right level signed; the court's electronic seal (a JWS over the hash) is on it (R-GEN-07)."""

    document_id: str
    case_id: str
    kind: DocumentKind
    number: str
    title: str
    sha256: Sha256
    approved_by: str
    approval_level: str
    seal: str


class DocumentRejected(Event, name="document_rejected"):
    """The approver sent the draft back with a reason; a new draft is a new document."""

    document_id: str
    case_id: str
    rejected_by: str
    reason: str


class DocumentServed(Event, name="document_served"):
    """Service on a party was recorded with its evidence."""

    document_id: str
    case_id: str
    kind: DocumentKind
    party: PartyRef
    method: ServiceMethod
    served_at: Instant
    evidence: str
    recorded_by: str


# --- control orders --------------------------------------------------------------------------------------------------


class ControlOrderItem(Fact):
    """One thing an agency is told to do. RENEW, RELEASE and DEDUCT name the original request and item."""

    sequence: int
    agency_id: str
    asset_id: str
    account_reference: str
    amount_fen: Fen
    original_request_number: str | None = None
    original_sequence: int | None = None


class ControlOrderIssued(Event, name="control_order_issued"):
    """A control order left the case officer's desk with its papers and two officers' credentials (R-INQ-04, -05)."""

    case_id: str
    case_number: str
    control_order_id: str
    kind: RequestKind
    debtor: PartyRef
    items: tuple[ControlOrderItem, ...]
    papers: tuple[PaperRef, ...]
    officers: tuple[OfficerRef, ...]
    requested_by: str
    approved_by: str
    limit_fen: Fen
    term_from: date | None = None
    term_to: date | None = None
    case_account: CaseAccountRef | None = None
    remainder: Literal["KEEP", "RELEASE"] | None = None


class ControlOrderResultRecorded(Event, name="control_order_result_recorded"):
    """Intake's copy of the final check of a control order by asset_inquiry."""

    case_id: str
    control_order_id: str
    accepted: bool
    code: str | None = None
    reason: str | None = None


# --- the end ---------------------------------------------------------------------------------------------------------


class Guard(Fact):
    """One guard of closing, explained: what it asks, what it found (R-INT-27)."""

    code: str
    rule: str
    holds: bool
    explanation: str


class ClosureProposed(Event, name="closure_proposed"):
    """The case officer proposes to close the case; all guards held at that moment."""

    case_id: str
    closure_id: str
    kind: ClosureKind
    guards: tuple[Guard, ...]
    proposed_by: str
    approver: str
    approval_level: str | None = None
    waiver_document_id: str | None = None
    rule_version: str | None = None


class ClosureApproved(Event, name="closure_approved"):
    """The approver of the right level agreed; the guards were evaluated again."""

    case_id: str
    closure_id: str
    approved_by: str


class ClosureRejected(Event, name="closure_rejected"):
    """The approver did not agree to close the case; it goes on."""

    case_id: str
    closure_id: str
    rejected_by: str
    reason: str


class CaseClosed(Event, name="case_closed"):
    """The case is closed (结案)."""

    case_id: str
    case_number: str
    kind: ClosureKind
    closed_on: date
    recovered_fen: Fen


# --- the court's people ----------------------------------------------------------------------------------------------


class Officer(Fact):
    """A member of staff with credentials and roles, filed with the agencies in advance (R-INQ-05)."""

    officer_id: str
    name: str
    work_permit_number: str
    duty_permit_number: str
    roles: tuple[str, ...]
    phone: str


class Team(Fact):
    """An enforcement team."""

    team_id: str
    name: str
    kind: TeamKind
    leader: str
    members: tuple[str, ...]


class RosterSet(Event, name="roster_set"):
    """Who serves at the court: officers, teams, who is on duty, who approves what."""

    court: str
    court_name: str
    officers: tuple[Officer, ...]
    teams: tuple[Team, ...]
    duty_officer: str
    duty_leader: str
    bureau_head: str
    president: str
    node_supervisor: str
