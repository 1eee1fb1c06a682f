"""The kinds of streams of this room and the law of each. Categories without a topic are private: never published."""

from __future__ import annotations

from typing import Any

from libs.foundation.ids import stream_name
from libs.journal import Decider
from services.asset_inquiry.domain import agency, control_answers, controls, copies, inquiry, request

SERVICE = "asset_inquiry"

DECIDERS: tuple[Decider[Any], ...] = (
    Decider(SERVICE, "agency", agency.AgencyState, agency.decide_agency, agency.evolve_agency),
    Decider(SERVICE, "inquiry", inquiry.InquiryState, inquiry.decide_inquiry, inquiry.evolve_inquiry),
    Decider(SERVICE, "request", request.RequestState, request.decide_request, request.evolve_request),
    Decider(SERVICE, "controls", controls.ControlsState, control_answers.decide_controls, controls.evolve_controls),
    Decider(SERVICE, "case_copy", copies.CaseCopy, copies.decide_case_copy, copies.evolve_case_copy),
    Decider(SERVICE, "subject", copies.SubjectCopy, copies.decide_subject, copies.evolve_subject),
    Decider(SERVICE, "paper_copy", copies.PaperCopy, copies.decide_paper, copies.evolve_paper),
    Decider(SERVICE, "officers", copies.OfficersCopy, copies.decide_officers, copies.evolve_officers),
    Decider(SERVICE, "content", copies.ContentCopy, copies.decide_content, copies.evolve_content),
    Decider(SERVICE, "reply_copy", copies.ReplyCopies, copies.decide_replies, copies.evolve_replies),
    Decider(SERVICE, "asset_copy", copies.AssetCopy, copies.decide_asset, copies.evolve_asset),
)


def agency_stream(agency_id: str) -> str:
    """Return the stream of an agency."""
    return stream_name("agency", agency_id)


def inquiry_stream(inquiry_id: str) -> str:
    """Return the stream of an inquiry."""
    return stream_name("inquiry", inquiry_id)


def request_stream(request_id: str) -> str:
    """Return the stream of a request."""
    return stream_name("request", request_id)


def controls_stream(case_id: str) -> str:
    """Return the stream of a case's controls."""
    return stream_name("controls", case_id)


def case_stream(case_id: str) -> str:
    """Return the stream of our copy of a case."""
    return stream_name("case_copy", case_id)


def subject_stream(party_id: str) -> str:
    """Return the stream of our copy of a party's identity."""
    return stream_name("subject", party_id)


def paper_stream(document_id: str) -> str:
    """Return the stream of our copy of a paper."""
    return stream_name("paper_copy", document_id)


def officers_stream(court: str) -> str:
    """Return the stream of a court's filed officers."""
    return stream_name("officers", court)


def content_stream(request_id: str) -> str:
    """Return the stream of a request's signed content."""
    return stream_name("content", request_id)


def replies_stream(request_id: str) -> str:
    """Return the stream of the replies to a request as they came."""
    return stream_name("reply_copy", request_id)


def asset_stream(asset_id: str) -> str:
    """Return the stream of our copy of a discovered asset."""
    return stream_name("asset_copy", asset_id)
