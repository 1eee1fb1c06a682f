"""Facts of `asset_inquiry`: questions to agencies; freezes, seals, deductions."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from libs.schemas.envelope import Event, Fact, Fen, Instant
from libs.schemas.intake import ControlOrderIssued
from libs.schemas.parts import (
    AssetClass,
    CaseAccountRef,
    ListState,
    OfficerRef,
    PaperRef,
    PartyRef,
    RequestKind,
    Urgency,
)

ItemStatus = Literal[
    "ANSWERED",
    "NO_RECORD",
    "CONTROLLED",
    "PARTLY_CONTROLLED",
    "QUEUED",
    "NOT_CONTROLLED",
    "RELEASED",
    "DEDUCTED",
    "IN_PROGRESS",
    "UNKNOWN",
]
"""What an agency answers for one item; IN_PROGRESS and UNKNOWN only in PARTIAL replies."""

ReturnCode = Literal[
    "PAPER_MISSING",
    "PAPER_EMPTY",
    "PAPER_MISMATCH",
    "CREDENTIAL_MISSING",
    "CREDENTIAL_INVALID",
    "SUBJECT_MISMATCH",
    "ACCOUNT_NOT_FOUND",
    "ORIGINAL_NOT_FOUND",
    "MEASURE_UNSUPPORTED",
    "SIGNATURE_INVALID",
    "UNREADABLE",
    "DUPLICATE",
    "SYSTEM_FAILURE",
]
"""Why an agency returns a request without acting (退回)."""

MeasureState = Literal["REQUESTED", "EFFECTIVE", "PARTLY_EFFECTIVE", "QUEUED", "REFUSED", "RELEASED"]

# --- agencies --------------------------------------------------------------------------------------------------------


class AgencyRegistered(Event, name="agency_registered"):
    """An assisting agency is connected, with what it can be asked for."""

    agency_id: str
    name: str
    kind: Literal["BANK", "PAYMENT_FIRM", "LAND_REGISTRY", "VEHICLE_REGISTRY", "OTHER"]
    asset_classes: tuple[AssetClass, ...]
    measure_codes: tuple[str, ...]
    contact_name: str
    contact_phone: str


class AgencyCapabilitiesChanged(Event, name="agency_capabilities_changed"):
    """The agency changed what it can be asked for, or whom to call."""

    agency_id: str
    asset_classes: tuple[AssetClass, ...]
    measure_codes: tuple[str, ...]
    contact_name: str
    contact_phone: str


class AgencyKeyRegistered(Event, name="agency_key_registered"):
    """A public key that the agency signs with from now on; older keys stay valid for what they signed."""

    agency_id: str
    kid: str
    jwk: dict[str, Any]


# --- inquiries -------------------------------------------------------------------------------------------------------


class PlannedRequest(Fact):
    """One request of a fan-out: one agency asked about one subject; id and number are fixed before it is issued."""

    request_id: str
    request_number: str
    agency_id: str
    asset_classes: tuple[AssetClass, ...]
    party_id: str = ""


class InquiryOpened(Event, name="inquiry_opened"):
    """A concentrated inquiry (集中查控): which subjects, which classes, and so which agencies."""

    inquiry_id: str
    case_id: str
    case_number: str
    subjects: tuple[PartyRef, ...]
    asset_classes: tuple[AssetClass, ...]
    planned: tuple[PlannedRequest, ...]
    papers: tuple[PaperRef, ...]
    officers: tuple[OfficerRef, ...]
    urgency: Urgency
    requested_by: str


class InquiryAnswerRecorded(Event, name="inquiry_answer_recorded"):
    """One agency's final answer was added to the inquiry's completeness."""

    inquiry_id: str
    case_id: str
    request_id: str
    agency_id: str
    found_fen: Fen
    assets_found: int
    needs_disposal: bool


class InquiryCompleted(Event, name="inquiry_completed"):
    """Every planned agency gave its final answer."""

    inquiry_id: str
    case_id: str
    found_fen: Fen
    assets_found: int
    needs_disposal: bool


# --- assistance requests ---------------------------------------------------------------------------------------------


class RequestItem(Fact):
    """One item of a request; every reply answers it by `sequence`."""

    sequence: int
    measure_code: str | None = None
    asset_class: AssetClass | None = None
    asset_id: str | None = None
    account_reference: str | None = None
    scope: Literal["FUNDS", "ACCOUNT"] | None = None
    requested_limit_fen: Fen | None = None
    original_request_number: str | None = None
    original_sequence: int | None = None
    measure_id: str | None = None
    payment_reference: str | None = None


class RequestIssued(Event, name="request_issued"):
    """A signed request waits in the agency's queue.

    `replaces` is the number of the request that came back, `root_request_id` the first of that line, `attempt` counts
    from one. `signature` is a detached JWS (RFC 7515, appendix F): the signed content names a person and stays private.
    """

    request_id: str
    request_number: str
    batch_number: str
    kind: RequestKind
    agency_id: str
    case_id: str
    case_number: str
    inquiry_id: str | None = None
    control_order_id: str | None = None
    subject: PartyRef
    items: tuple[RequestItem, ...]
    papers: tuple[PaperRef, ...]
    officers: tuple[OfficerRef, ...]
    urgency: Urgency
    answer_due_at: Instant
    answer_rule: str
    term_from: date | None = None
    term_to: date | None = None
    case_account: CaseAccountRef | None = None
    remainder: Literal["KEEP", "RELEASE"] | None = None
    replaces: str | None = None
    root_request_id: str | None = None
    attempt: int = 1
    issued_at: Instant | None = None
    content_sha256: str
    signature: str


class RequestAcknowledged(Event, name="request_acknowledged"):
    """The agency has the request and says whether it can be read (the 3000x receipts)."""

    request_id: str
    request_number: str
    agency_id: str
    case_id: str
    code: str


class RequestReturned(Event, name="request_returned"):
    """The agency cannot act and says why. `reissued_as` is the new number if the court asks again by itself."""

    request_id: str
    request_number: str
    agency_id: str
    case_id: str
    code: ReturnCode
    text: str
    contact_name: str
    contact_phone: str
    retryable: bool
    reissued_as: str | None = None


class RequestOverdue(Event, name="request_overdue"):
    """No final answer by `answer_due_at`: computed by the court, never reported by the agency. One reminder is sent."""

    request_id: str
    request_number: str
    agency_id: str
    case_id: str
    answer_due_at: Instant
    reminder: int


class RequestCancelled(Event, name="request_cancelled"):
    """The court withdrew the request before a final answer."""

    request_id: str
    request_number: str
    agency_id: str
    case_id: str
    reason: str


class FoundAsset(Fact):
    """An asset that an agency reported. Account numbers are masked here; the full reference stays with the request."""

    asset_id: str
    asset_class: AssetClass
    agency_id: str
    kind: str
    masked_reference: str
    balance_fen: Fen | None = None
    available_fen: Fen | None = None
    currency: str = "CNY"
    status: str = "NORMAL"
    description: str = ""


class ItemAnswer(Fact):
    """The agency's answer to one item."""

    sequence: int
    status: ItemStatus
    detail: str = ""
    controlled_fen: Fen | None = None
    uncovered_limit_fen: Fen | None = None
    available_fen: Fen | None = None
    deducted_fen: Fen | None = None
    remaining_frozen_fen: Fen | None = None
    settlement: Literal["DEBITED", "SENT", "UNVERIFIED", "FAILED"] | None = None
    payment_reference: str | None = None
    effective_from: Instant | None = None
    effective_to: date | None = None
    agency_reference: str | None = None
    rank: int | None = None
    refusal_code: str | None = None
    refusal_text: str | None = None
    assets_state: ListState = "NOT_ASKED"
    assets: tuple[FoundAsset, ...] = ()
    earlier_measures_state: ListState = "NOT_ASKED"
    rights_state: ListState = "NOT_ASKED"


class ReplyReceived(Event, name="reply_received"):
    """A signed PARTIAL or FINAL reply; `corrects` links a corrected reply to the one it corrects.

    `signature` is a detached JWS: the signed body names accounts in full and stays private.
    """

    request_id: str
    request_number: str
    reply_id: str
    agency_id: str
    case_id: str
    kind: RequestKind
    status: Literal["PARTIAL", "FINAL"]
    answers: tuple[ItemAnswer, ...]
    content_sha256: str
    signature: str
    late: bool
    corrects: str | None = None


# --- controls --------------------------------------------------------------------------------------------------------


class ControlLimitRecorded(Event, name="control_limit_recorded"):
    """What may be frozen at most in this case: the debt as payments assessed it (R-INQ-20)."""

    case_id: str
    limit_fen: Fen
    as_of: date
    source_seq: int


class PlannedControl(Fact):
    """One request of an accepted order: all its items for one agency, with id and number fixed before it is issued."""

    request_id: str
    request_number: str
    agency_id: str
    items: tuple[RequestItem, ...]


class OrderTerms(Fact):
    """What every request of a control order carries: who is concerned, papers, officers, term, account."""

    case_number: str
    debtor: PartyRef
    papers: tuple[PaperRef, ...]
    officers: tuple[OfficerRef, ...]
    requested_by: str
    term_from: date | None = None
    term_to: date | None = None
    case_account: CaseAccountRef | None = None
    remainder: Literal["KEEP", "RELEASE"] | None = None


class ControlOrderReceived(Event, name="control_order_received"):
    """Intake's control order arrived and waits for its final check: papers, roster and debt may still be on the way."""

    case_id: str
    control_order_id: str
    kind: RequestKind
    order: ControlOrderIssued


class ControlOrderAccepted(Event, name="control_order_accepted"):
    """The final check passed: the order's items become requests."""

    case_id: str
    control_order_id: str
    kind: RequestKind
    measure_ids: tuple[str, ...]
    terms: OrderTerms | None = None
    planned: tuple[PlannedControl, ...] = ()


class ControlOrderDeferred(Event, name="control_order_deferred"):
    """A release passed the check but waits: a deduction on the same freeze is still open."""

    case_id: str
    control_order_id: str
    kind: RequestKind
    measure_ids: tuple[str, ...]
    waits_for: tuple[str, ...]
    terms: OrderTerms
    planned: tuple[PlannedControl, ...]


class ControlOrderRefused(Event, name="control_order_refused"):
    """The final check refused the order; nothing was sent to anyone."""

    case_id: str
    control_order_id: str
    kind: RequestKind
    code: str
    reason: str
    rule: str | None = None


class ControlRequested(Event, name="control_requested"):
    """A freeze was asked for; until the answer it counts in full against the limit."""

    case_id: str
    measure_id: str
    control_order_id: str
    agency_id: str
    asset_id: str
    request_number: str
    sequence: int
    requested_limit_fen: Fen
    asset_class: AssetClass | None = None
    term_from: date | None = None
    term_to: date | None = None


class ControlEffective(Event, name="control_effective"):
    """The whole limit is frozen, booked at the agency with reference and time."""

    case_id: str
    measure_id: str
    agency_id: str
    request_number: str
    sequence: int
    controlled_fen: Fen
    effective_from: Instant
    effective_to: date | None = None
    agency_reference: str


class ControlPartlyEffective(Event, name="control_partly_effective"):
    """Part of the limit is frozen; the rest catches later credits. requested = controlled + uncovered."""

    case_id: str
    measure_id: str
    agency_id: str
    request_number: str
    sequence: int
    controlled_fen: Fen
    uncovered_limit_fen: Fen
    effective_from: Instant
    effective_to: date | None = None
    agency_reference: str


class ControlQueued(Event, name="control_queued"):
    """Another authority froze first: ours waits in the queue (轮候, R-INQ-11). Nothing is controlled, no term runs."""

    case_id: str
    measure_id: str
    agency_id: str
    request_number: str
    sequence: int
    rank: int


class ControlRefused(Event, name="control_refused"):
    """The agency did not control the asset, and says why; nothing counts against the limit any more."""

    case_id: str
    measure_id: str
    agency_id: str
    request_number: str
    sequence: int
    refusal_code: str
    refusal_text: str


class ControlReleased(Event, name="control_released"):
    """The freeze is lifted at the agency."""

    case_id: str
    measure_id: str
    agency_id: str
    request_number: str
    sequence: int
    released_at: Instant


class ControlReleaseRefused(Event, name="control_release_refused"):
    """The agency did not lift the freeze, and says why; the freeze stands as it was."""

    case_id: str
    measure_id: str
    agency_id: str
    request_number: str
    sequence: int
    refusal_code: str
    refusal_text: str


class DeductionRequested(Event, name="deduction_requested"):
    """A deduction on an effective freeze was asked for; it never exceeds what is frozen there."""

    case_id: str
    measure_id: str
    deduction_id: str
    control_order_id: str
    agency_id: str
    request_number: str
    sequence: int
    amount_fen: Fen
    case_account: CaseAccountRef


class DeductionAnswered(Event, name="deduction_answered"):
    """The agency says it debited or sent the money. This books nothing: only the incoming payment does."""

    case_id: str
    measure_id: str
    deduction_id: str
    agency_id: str
    request_number: str
    sequence: int
    deducted_fen: Fen
    remaining_frozen_fen: Fen
    settlement: Literal["DEBITED", "SENT", "UNVERIFIED", "FAILED"]
    payment_reference: str


class DeductionConfirmed(Event, name="deduction_confirmed"):
    """The money of the deduction arrived in the case account (payments said so)."""

    case_id: str
    measure_id: str
    deduction_id: str
    agency_id: str
    amount_fen: Fen
    payment_reference: str


class DeductionFailed(Event, name="deduction_failed"):
    """The agency could not deduct; the freeze stands as it was."""

    case_id: str
    measure_id: str
    deduction_id: str
    agency_id: str
    reason: str


# --- copies for our own decisions, never published -------------------------------------------------------------------


class CaseRecorded(Event, name="case_recorded"):
    """Our copy of a case: open or closed, its debtors, who acts in it (R-GEN-06)."""

    case_id: str
    case_number: str
    court: str
    court_name: str
    debtors: tuple[PartyRef, ...]
    officers: tuple[str, ...]
    is_open: bool
    source_seq: int


class SubjectRecorded(Event, name="subject_recorded"):
    """Our copy of a party's identity, cut to what an agency needs to find them."""

    party_id: str
    party_type: str
    name: str
    documents: tuple[dict[str, str], ...]
    source_seq: int


class PaperRecorded(Event, name="paper_recorded"):
    """Our copy of a paper's text, handed to agencies with the request that names it."""

    document_id: str
    kind: str
    number: str
    title: str
    media_type: str
    content: str
    sha256: str
    case_id: str = ""


class PaperSealed(Event, name="paper_sealed"):
    """The court's seal on a paper: only a sealed paper leaves the house."""

    document_id: str
    seal: str


class OfficersFiled(Event, name="officers_filed"):
    """The officers whose credentials are filed with the agencies (R-INQ-05)."""

    court: str
    court_name: str
    officers: tuple[OfficerRef, ...]
    source_seq: int


class RequestContentRecorded(Event, name="request_content_recorded"):
    """The signed content of a request with the person's identity and full account numbers: what the agency sees.

    `signature` is the whole compact JWS; the published request carries it without its payload.
    """

    request_id: str
    content: dict[str, Any]
    content_sha256: str
    signature: str


class ReplyRecorded(Event, name="reply_recorded"):
    """An agency's signed reply as it came, with full account numbers; the published fact carries masked ones."""

    request_id: str
    reply_id: str
    content_sha256: str
    signature: str


class AssetRecorded(Event, name="asset_recorded"):
    """An asset as its agency last reported it, with the full reference that a control order must name."""

    asset: FoundAsset
    case_id: str
    party_id: str
    request_id: str
    agency_asset_id: str
    account_reference: str
    source_seq: int
