"""What can be asked of a request: by the court, by its agency, by an officer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from libs.schemas.asset_inquiry import ItemAnswer, RequestIssued, ReturnCode


@dataclass(frozen=True, slots=True)
class IssueRequest:
    """Put this signed request into the agency's queue."""

    request: RequestIssued


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """The agency has the request and says whether it can be read."""

    code: str


@dataclass(frozen=True, slots=True)
class ReceiveReply:
    """A verified reply, its accounts masked."""

    reply_id: str
    status: Literal["PARTIAL", "FINAL"]
    answers: tuple[ItemAnswer, ...]
    content_sha256: str
    signature: str
    corrects: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnRequest:
    """The agency cannot act."""

    code: ReturnCode
    text: str
    contact_name: str
    contact_phone: str


@dataclass(frozen=True, slots=True)
class OrderReissue:
    """An officer sends a request that came back once more."""

    ordered_by: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """An officer gives a control that came back up: its items count as refused."""

    reason: str
