"""Facts about concentrated inquiries (集中查控)."""

from __future__ import annotations

from libs.schemas.envelope import Event, Fact, Fen
from libs.schemas.parts import AssetClass, OfficerRef, PaperRef, PartyRef, Urgency


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
