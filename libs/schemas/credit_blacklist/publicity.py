"""Publicity batches: listed persons shown on a platform, an object of its own with audience and evidence (R-CRB-09)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from libs.schemas.envelope import Event, Fact, Instant
from libs.schemas.parts import Due, Sha256

AudienceKind = Literal[
    "PUBLIC",
    "GOVERNMENT",
    "FINANCIAL_REGULATOR",
    "INSTITUTION",
    "ASSOCIATION",
    "CREDIT_BUREAU",
    "EMPLOYER",
    "SUPERIOR_BODY",
]
"""Who is told: the public, bodies, institutions; of state staff the employer, of state organs the superior body."""


class Audience(Fact):
    """Whom a batch is for."""

    kind: AudienceKind
    name: str


class PublicityItem(Fact):
    """One listed person in a batch, as of the version that is shown."""

    listing_id: str
    case_id: str
    party_id: str
    display_name: str
    record_version: int


class PublicityEvidence(Fact):
    """What proves that something was shown or taken down: where, when, and the hash of what was kept of it."""

    address: str
    at: Instant
    sha256: Sha256
    note: str = ""


class PublicityBatchDrafted(Event, name="publicity_batch_drafted"):
    """An issue of listed persons for a platform waits for approval."""

    batch_id: str
    court: str
    title: str
    platform: str
    audience: tuple[Audience, ...]
    items: tuple[PublicityItem, ...]
    planned_on: date
    drafted_by: str


class PublicityBatchApproved(Event, name="publicity_batch_approved"):
    """The batch may be shown."""

    batch_id: str
    approved_by: str


class PublicityBatchRejected(Event, name="publicity_batch_rejected"):
    """The batch is not shown."""

    batch_id: str
    rejected_by: str
    reason: str


class PublicityBatchReleased(Event, name="publicity_batch_released"):
    """The batch was shown, with evidence."""

    batch_id: str
    evidence: PublicityEvidence
    recorded_by: str


class PublicityItemEnded(Event, name="publicity_item_ended"):
    """A person in the batch is listed no more: what was shown of them is taken down in time."""

    batch_id: str
    listing_id: str
    due: Due | None = None


class PublicityItemTakenDown(Event, name="publicity_item_taken_down"):
    """What was shown of a person is gone, with evidence."""

    batch_id: str
    listing_id: str
    evidence: PublicityEvidence
    recorded_by: str


class PublicityTakedownOverdue(Event, name="publicity_takedown_overdue"):
    """A person who is listed no more is still shown."""

    batch_id: str
    listing_id: str
    due_at: Instant
