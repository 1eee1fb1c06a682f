"""Facts about assistance requests: issued, acknowledged, answered, returned, overdue."""

from __future__ import annotations

from datetime import date
from typing import Literal

from libs.schemas.asset_inquiry.kinds import ItemStatus, ReturnCode
from libs.schemas.envelope import Event, Fact, Fen, Instant
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


class RequestReissueOrdered(Event, name="request_reissue_ordered"):
    """An officer decided to send a returned request once more, under a new number."""

    request_id: str
    request_number: str
    agency_id: str
    case_id: str
    reissued_as: str
    ordered_by: str


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
