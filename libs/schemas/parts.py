"""Parts that the facts of several services share: papers, officers, subjects, money lines. No personal data in them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from libs.foundation.court_calendar import Deadline
from libs.schemas.envelope import Fact, Fen, Instant

PartyType = Literal["PERSON", "ORGANISATION"]
"""A natural person, or a legal person or other organisation."""

IdType = Literal["RESIDENT_IDENTITY_CARD", "PASSPORT", "UNIFIED_SOCIAL_CREDIT_CODE", "OTHER"]
"""Kinds of identity document (证件种类)."""

AssetClass = Literal["DEPOSIT", "NET_FUND", "REAL_ESTATE", "VEHICLE", "SECURITIES", "EQUITY", "INSURANCE", "HPF"]
"""Asset classes that can be asked for (R-INQ-02)."""

RequestKind = Literal["INQUIRY", "FREEZE", "RENEW", "RELEASE", "DEDUCT"]
"""What an assistance request asks an agency to do (R-INQ-03)."""

Urgency = Literal["NORMAL", "URGENT"]

ListState = Literal["COMPLETE", "NONE", "UNKNOWN", "NOT_ASKED"]
"""How complete a list in a reply is, so that a failed look-up is never read as "none"."""

DocumentKind = Literal[
    "ENFORCEMENT_NOTICE",
    "PROPERTY_REPORT_ORDER",
    "ASSISTANCE_QUERY_NOTICE",
    "FREEZE_RULING",
    "ASSISTANCE_FREEZE_NOTICE",
    "DEDUCTION_RULING",
    "ASSISTANCE_DEDUCTION_NOTICE",
    "RELEASE_RULING",
    "ASSISTANCE_RELEASE_NOTICE",
    "CLOSING_NOTICE",
]
"""Documents that the bureau drafts from templates (R-INT-15, R-INT-16, R-INQ-04)."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class PartyRef(Fact):
    """A party as events name it: its id in the party register and a masked name."""

    party_id: str
    display_name: str
    party_type: PartyType


class PaperRef(Fact):
    """A paper as requests and orders name it: kind, number and hash, never a file name."""

    document_id: str
    kind: DocumentKind
    number: str
    title: str
    sha256: Sha256


class OfficerRef(Fact):
    """An enforcement officer with both credentials (工作证, 公务证): two of them stand in every control request."""

    officer_id: str
    name: str
    work_permit_number: str
    duty_permit_number: str


class CaseAccountRef(Fact):
    """The case's own account (一案一账号, R-PAY-01), in the five fields that a deduction names."""

    account_name: str
    account_number: str
    bank_name: str
    bank_id: str
    account_kind: str = "CASE_FUND"


class Due(Fact):
    """A deadline with its reason: what a person asks who sees the date."""

    due_at: Instant
    nominal_day: date
    last_day: date
    rule: str
    explanation: str
    provisional: bool = False

    @classmethod
    def of(cls, deadline: Deadline, *, rule: str, explanation: str) -> Due:
        """Return a counted deadline with the rule that it rests on and its reason in words."""
        return cls(
            due_at=deadline.ends_at,
            nominal_day=deadline.nominal,
            last_day=deadline.day,
            rule=rule,
            explanation=explanation,
            provisional=deadline.provisional,
        )


class MoneyLine(Fact):
    """One line of a computed amount: what it is, how it was computed, by which rule and version."""

    code: str
    amount_fen: Fen
    formula: str
    rule: str
    article: str
    rule_version: str
