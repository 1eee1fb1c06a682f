"""Copies for our own decisions and the private side of requests and replies: never published."""

from __future__ import annotations

from typing import Any

from libs.schemas.asset_inquiry.requests import FoundAsset
from libs.schemas.envelope import Event
from libs.schemas.parts import OfficerRef, PartyRef


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
